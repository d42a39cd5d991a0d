"""A document is data: no command runs or imports what it names, unless the user says so."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from tests.harness.building import rows_case
from tests.harness.cli.conftest import softcert  # noqa: F401 (a fixture)
from tests.harness.cli.documents import certified, refused

from softcert.commands.trust import EVERYTHING, NOTHING, Trust
from softcert_oracle.errors import UsageError
from softcert_reports import document as doc
from softcert_reports.exports import certificate

MARK = "open('ran', 'w').close()\n\ndef softmax(x):\n    return x\n"
SPECS = ["exec:/bin/sh -c 'touch ran'", "evil.py:softmax", "evil:softmax", "./evil.py", "evil", "naive.onnx"]


def recorded(spec: str, arrays: str = "numpy") -> doc.Document:
    """A document of one failing subject with a witness."""
    good = certified("mine")
    subject = replace(good.subjects[0], spec=spec, arrays=arrays)
    witness = doc.Witness(case=dict(rows_case([[88.75, 0.0]], [0]).to_json()))
    finding = doc.Finding(
        id="f", subject="mine", operation="softmax", format="float32", property="finite", summary="s", witness=witness
    )
    return refused(replace(good, subjects=(subject,), effort="quick"), finding)


@pytest.fixture
def written(tmp_path):
    """Write a document, its certificate and a subject that leaves a mark when it is imported."""

    def write(spec: str, arrays: str = "numpy") -> None:
        document = recorded(spec, arrays)
        (tmp_path / "r.json").write_text(doc.dumps(document), encoding="utf-8")
        (tmp_path / "c.json").write_text(certificate.certificate(document), encoding="utf-8")
        (tmp_path / "evil.py").write_text(MARK, encoding="utf-8")

    return write


@pytest.mark.parametrize("spec", SPECS)
def test_no_command_runs_the_spec_of_a_document(softcert, written, capsys, tmp_path, spec):  # noqa: F811
    """Replay and rerun refuse with the SPEC and the way to allow it; report and diff need nothing."""
    written(spec)
    for command in ("replay f --results r.json", "verify c.json --results r.json --rerun"):
        assert softcert(*command.split()) == 2
        told = capsys.readouterr().err
        assert spec.split("'")[0] in told
        assert "--trust" in told
        assert "--spec" in told
        assert len(told.splitlines()) == 1
    for command in ("report r.json -o page", "diff r.json r.json", "verify c.json --results r.json"):
        assert softcert(*command.split()) == 0
    assert not (tmp_path / "ran").exists()


def test_the_array_library_of_a_document_is_not_imported(softcert, written, capsys, tmp_path):  # noqa: F811
    """``array_api:MODULE`` names any module, for a registered subject too, and for one that the user names."""
    written("naive", "array_api:evil")
    commands = [["replay", "f", "--results", "r.json"], ["verify", "c.json", "--results", "r.json", "--rerun"]]
    for command in (*commands, [*commands[0], "--spec", "naive"]):
        assert softcert(*command) == 2
        assert "arrays='array_api:evil'" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("how", [["--trust"], ["--spec", "evil.py:softmax"]])
def test_what_the_user_trusts_or_names_is_run(softcert, written, capsys, tmp_path, how):  # noqa: F811
    """The refusal says both ways, and both work."""
    written("evil.py:softmax")
    assert softcert("replay", "f", "--results", "r.json", *how) == 1, capsys.readouterr().err
    assert (tmp_path / "ran").exists()


def test_a_registered_name_is_run_without_a_word(softcert, written, capsys):  # noqa: F811
    """Bundled implementations and those of installed packages are the user's own."""
    written("naive")
    assert softcert("replay", "f", "--results", "r.json") == 1
    assert "nan" in capsys.readouterr().out


def test_trust_is_by_subject_and_by_spec():
    """A SPEC that is allowed allows no other."""
    subject = recorded("exec:./a").subjects[0]
    Trust(specs=("exec:./a",)).require(subject)
    EVERYTHING.require(subject)
    NOTHING.require(subject, "exec:./b")
    for trust in (NOTHING, Trust(specs=("exec:./b",))):
        with pytest.raises(UsageError, match=r"spec='exec:\./a'.*--spec exec:\./a.*--trust"):
            trust.require(subject)


def test_a_spec_that_cannot_be_shown_is_not_offered_for_copying():
    """A hidden character in the command that is suggested would be the document's."""
    with pytest.raises(UsageError, match="--spec SPEC") as refused:
        NOTHING.require(recorded("exec:./a\n\u202e; rm x").subjects[0])
    assert "\u202e" not in str(refused.value)


def test_rendering_a_document_imports_no_part_that_runs_subjects(tmp_path):
    """`softcert report` cannot run anything: it does not even load what could."""
    (tmp_path / "r.json").write_text(doc.dumps(recorded("evil:softmax", "array_api:evil")), encoding="utf-8")
    code = """
import sys
sys.argv = ["softcert", "report", "r.json", "-o", "page"]
from softcert.cli import main
try:
    main()
except SystemExit as ended:
    assert ended.code == 0, ended.code
loaders = ("softcert.executors", "softcert_implementations.resolving.load_spec")
loaded = [m for m in sys.modules if m.startswith(loaders)]
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=120)
