"""Half-written, truncated and tampered files: one clear sentence, exit 2 or 3, never a traceback, never green."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from softcert import Implementation, cli
from softcert.certification.plan import Plan
from softcert.commands.certify import Run
from softcert.commands.power import DefectResult, PowerResult
from softcert.commands.power import save as save_power
from softcert.results import baseline as baselines
from softcert.results.gate import decide
from softcert_reports import document as doc
from softcert_reports.exports import certificate as certificates

BASELINE = """\
[[expected]]
implementation = "broken"
operation = "softmax"
format = "float32"
property = "completes"
reason = "it is not finished"
"""
CONTRACT = 'summation = "pairwise"\nmax_classes = 64\n'


def _unfinished(x):
    raise RuntimeError("not finished")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, bytes]:
    """The bytes of one whole file of each kind, from a real run."""
    folder = tmp_path_factory.mktemp("whole")
    plan = Plan.of("quick", isolation="none")
    subject = Implementation("broken", {"softmax": _unfinished}, ("float32",), max_classes=8, max_rows=4)
    run = Run(plan, [subject])
    run.certify()
    document = run.document("c")
    doc.save(document, folder / "results.json")
    (folder / "certificate.json").write_text(certificates.certificate(document), encoding="utf-8")
    defect = DefectResult(
        part="defects",
        name="d",
        family="family",
        operation="softmax",
        format="float32",
        debated=False,
        killed=True,
        seconds=0.5,
        finding="finite: nan",
    )
    result = PowerResult(effort="quick", seed=0, defects=(defect,), correct=())
    save_power(result, folder / "power.json")
    (folder / "baseline.toml").write_text(BASELINE, encoding="utf-8")
    (folder / "contract.toml").write_text(CONTRACT, encoding="utf-8")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def folder(whole, tmp_path, monkeypatch) -> Path:
    for name, content in whole.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "mine.py").write_text("def softmax(x):\n    return x\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "SOFTCERT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def softcert(monkeypatch, capsys):
    """The command line, in this process: exit code, stdout, stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["softcert", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call


READERS = {
    "results.json": [
        ("report", "results.json", "-o", "page"),
        ("diff", "results.json", "results.json"),
        ("replay", "x", "--results", "results.json"),
        ("verify", "certificate.json"),
    ],
    "certificate.json": [("verify", "certificate.json")],
    "power.json": [("certify", "mine.py:softmax", "--power", "power.json", "--report", "page")],
    "baseline.toml": [("certify", "mine.py:softmax", "--baseline", "baseline.toml", "--report", "page")],
    "contract.toml": [("certify", "mine.py:softmax", "--contract", "contract.toml", "--report", "page")],
}
"""Each kind of file with the commands that read it. None of them may come so far as to certify."""

CASES = [pytest.param(name, c, id=f"{name} {c[0]}") for name, commands in READERS.items() for c in commands]


def refused(softcert, arguments: tuple[str, ...], what: str) -> None:
    code, out, err = softcert(*arguments)
    assert code in (2, 3), f"{what}: exit {code}\n{out}{err}"
    assert "Traceback" not in out + err
    assert "the harness itself failed" not in err, f"{what}: {err}"
    assert err.startswith("softcert: "), f"{what}: {err!r}"
    assert len(err.strip().splitlines()) == 1, f"{what}: {err}"
    assert not Path("page").exists(), f"{what}: a page was written"


def test_whole_files_are_read(folder, softcert):
    assert softcert("report", "results.json", "-o", "page")[0] == 0
    assert softcert("diff", "results.json", "results.json")[0] == 0
    assert softcert("verify", "certificate.json")[0] == 0


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_a_file_that_is_not_there_is_refused(folder, softcert, name, arguments):
    (folder / name).unlink()
    refused(softcert, arguments, "absent")


ELSE = {
    "nothing": b"",
    "a line": b"\n",
    "no text": b"\xff\xfe\x00\x01",
    "zeros": b"\x00" * 64,
    "null": b"null",
    "a list": b"[]",
    "an object": b"{}",
    "a number": b"0",
    "a string": b'"text"',
    "depth without end": b"[" * 100_000,
    "deep TOML": b"a = " + b"[" * 100_000,
    "only a kind": b'{"kind": "softcert-results"}',
    "of the future": b'{"kind": "softcert-results", "schema": 99}',
    "figures without any": b'{"kind": "softcert-power"}',
    "figures of another form": b'{"kind": "softcert-power", "effort": "quick", "seed": 0, "defects": [5]}',
}


@pytest.mark.parametrize(("name", "arguments"), CASES)
@pytest.mark.parametrize("kind", ELSE)
def test_a_file_of_something_else_is_refused(folder, softcert, name, arguments, kind):
    if name.endswith(".toml") and kind in ("nothing", "a line"):
        pytest.skip("an empty baseline or contract is a whole one: nothing is expected, nothing is claimed")
    (folder / name).write_bytes(ELSE[kind])
    refused(softcert, arguments, kind)


@pytest.mark.parametrize(("name", "arguments"), [c for c in CASES if c.values[0].endswith(".json")])
def test_a_file_cut_anywhere_is_refused(folder, softcert, name, arguments, whole):
    content = whole[name].rstrip()
    for length in sorted({1, 2, len(content) - 1, *(len(content) * k // 12 for k in range(1, 12))}):
        (folder / name).write_bytes(content[:length])
        refused(softcert, arguments, f"{name}, {length} of {len(content)} bytes")


def test_a_baseline_cut_inside_an_entry_is_refused(folder, softcert):
    content = BASELINE.encode()
    last = content.index(b"reason = ") + len(
        b'reason = "i'
    )  # from here on the entry is whole but for its reason's text
    for length in range(1, last):
        (folder / "baseline.toml").write_bytes(content[:length])
        refused(softcert, ("certify", "mine.py:softmax", "--baseline", "baseline.toml"), f"{length} bytes")


def _leaves(data: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    if isinstance(data, dict):
        return [leaf for k, v in data.items() for leaf in _leaves(v, (*path, k))]
    if isinstance(data, list):
        return [leaf for k, v in enumerate(data) for leaf in _leaves(v, (*path, k))]
    return [path]


def _changed(data: object, path: tuple[object, ...]) -> object:
    copy = json.loads(json.dumps(data))
    place = copy
    for key in path[:-1]:
        place = place[key]
    old = place[path[-1]]
    place[path[-1]] = {bool: lambda v: not v, int: lambda v: v + 1, str: lambda v: v + "x"}.get(type(old), lambda v: 1)(
        old
    )
    return copy


TIMES = {"created", "timings", "speed", "seconds", "content_digest"}
"""Fields that say when and how fast: no verdict rests on them, and the digest leaves them out (but not itself)."""


def test_a_results_document_that_was_changed_anywhere_is_refused(folder, softcert, whole):
    data = json.loads(whole["results.json"])
    leaves = [p for p in _leaves(data) if not TIMES & set(map(str, p)) or p == ("content_digest",)]
    important = [
        p for p in leaves if p[-1] in ("exit_code", "verdict", "level", "complete", "outcome", "content_digest")
    ]
    assert len(important) > 5
    for path in [*important[:25], *random.Random(0).sample(leaves, 60)]:
        (folder / "results.json").write_text(json.dumps(_changed(data, path)), encoding="utf-8")
        refused(softcert, ("report", "results.json", "-o", "page"), str(path))


def test_a_results_document_of_which_a_part_is_missing_is_refused(folder, softcert, whole):
    data = json.loads(whole["results.json"])
    refusals = 0
    for key in data:
        text = json.dumps({k: v for k, v in data.items() if k != key})
        (folder / "results.json").write_text(text, encoding="utf-8")
        try:
            read = doc.loads(text)
        except doc.DocumentError:
            refused(softcert, ("diff", "results.json", "results.json"), f"without {key}")
            refusals += 1
        else:  # a field that was left out has its default: the same content, or it is a time
            assert doc.digest(read) == data["content_digest"], key
            assert key in TIMES or getattr(read, key) == getattr(doc.Document(title="", created=""), key), key
    assert refusals > 10


def test_a_certificate_that_was_changed_anywhere_is_not_verified(folder, softcert, whole):
    data = json.loads(whole["certificate.json"])
    leaves = _leaves(data)
    for path in [p for p in leaves if p[-1] in ("verdict", "level", "exitCode", "results", "sha256", "_type")]:
        (folder / "certificate.json").write_text(json.dumps(_changed(data, path)), encoding="utf-8")
        assert_not_verified(softcert, path)
    for path in random.Random(1).sample(leaves, 60):
        (folder / "certificate.json").write_text(json.dumps(_changed(data, path)), encoding="utf-8")
        assert_not_verified(softcert, path)


def assert_not_verified(softcert, path: object) -> None:
    code, out, err = softcert("verify", "certificate.json")
    assert code in (2, 3), f"{path}: exit {code}\n{out}{err}"
    assert "Traceback" not in out + err
    told = [line for line in out.splitlines() if line.startswith("problem: ")] or [err.strip()]
    assert told[0], path
    assert "not verified" in out or err.startswith("softcert: ")


def test_a_certificate_of_other_results_is_not_verified(folder, softcert, whole):
    document = doc.load(folder / "results.json")
    doc.save(replace(document, seed=document.seed + 1), folder / "other.json")
    code, out, _ = softcert("verify", "certificate.json", "--results", "other.json")
    assert code == 2
    assert "not verified" in out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BASELINE + BASELINE, "more than once"),
        (BASELINE.replace("reason", "because"), "reason"),
        (BASELINE + 'largest_eror = "1"\n', "largest_eror"),
        (BASELINE + 'largest_error = "many"\n', "many"),
        (BASELINE.replace('"softmax"', "5"), "operation"),
        ("expected = 5\n", "expected"),
        ("expected = [5]\n", "5"),
    ],
)
def test_a_baseline_with_a_mistake_is_refused_by_name(folder, softcert, text, said):
    (folder / "baseline.toml").write_text(text, encoding="utf-8")
    arguments = ("certify", "mine.py:softmax", "--baseline", "baseline.toml")
    refused(softcert, arguments, text)
    assert said in softcert(*arguments)[2]


def test_a_baseline_that_expects_another_implementation_excuses_nothing(whole, tmp_path):
    (tmp_path / "results.json").write_bytes(whole["results.json"])
    document = doc.load(tmp_path / "results.json")
    (tmp_path / "b.toml").write_text(BASELINE.replace('"broken"', '"another"'), encoding="utf-8")
    assert decide(document, baselines.load(tmp_path / "b.toml")).exit_code == 1
