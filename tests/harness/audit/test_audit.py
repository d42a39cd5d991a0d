"""Audits: what a check accepts, refuses and breaks on, with isolation, presets and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.harness.audit import suites

from softcert.audit import outcome
from softcert.audit.candidates import EXPLOIT, NOTHING, RIGHT, Candidate, entries
from softcert.audit.checks import SuiteError, check_of
from softcert.audit.isolated import Pool
from softcert.audit.mending import inputs, refuses
from softcert.audit.outcome import ACCEPTED, DIED, REFUSED, TIMED_OUT, Outcome, Task
from softcert.audit.page import page
from softcert.audit.presets.preset import Near
from softcert.audit.presets.table import PRESETS
from softcert.audit.run import Audit, audit
from softcert.audit.text import table, text
from softcert.cli.main import app
from softcert_oracle import operations
from softcert_oracle.errors import UsageError

SUITES = Path(suites.__file__)
ALL = entries("softmax", "float32")
BY_NAME = {e.name: e for e in ALL}


def run_here(check: str, names, operation="softmax", format="float32") -> Audit:
    """An audit of a few candidates in this process."""
    found = entries(operation, format)
    chosen = [k for k, e in enumerate(found) if e.name in names]
    tasks = [
        Task(check=check, effort="quick", operation=operation, format=format, family=None, number=k) for k in chosen
    ]
    outcomes = tuple(outcome.run(task) for task in tasks)
    return Audit(check=check, operation=operation, format=format, effort="quick", outcomes=outcomes)


def test_candidates_have_all_parts_for_each_operation():
    for operation in operations.CORE:
        assert {e.part for e in entries(operation, "float32")} == {"defect", NOTHING, EXPLOIT, RIGHT}
    with pytest.raises(UsageError, match="audits exist for"):
        entries("softmax_vjp", "float32")
    with pytest.raises(UsageError, match="family='none'"):
        entries("softmax", "float32", "none")


def test_a_candidate_takes_arrays_of_any_rank_axis_and_library():
    right = next(e for e in ALL if not e.wrong and e.arrays == "numpy")
    x = np.random.default_rng(0).standard_normal((2, 3, 5)).astype(np.float32)
    candidate = Candidate(right)
    flat = candidate(x.reshape(6, 5))
    assert np.array_equal(candidate(x), flat.reshape(2, 3, 5))
    assert np.array_equal(candidate(np.moveaxis(x, -1, 1), axis=1), np.moveaxis(flat.reshape(2, 3, 5), -1, 1))
    assert np.array_equal(candidate(x[0, 0]), flat[0])
    torch = pytest.importorskip("torch")
    got = candidate(torch.tensor(x).bfloat16(), dim=-1)
    assert (got.dtype, got.shape) == (torch.bfloat16, (2, 3, 5))


def test_a_thorough_check_refuses_what_is_wrong_and_accepts_what_is_right():
    names = {"softmax_unshifted", "softmax_zeros", "softmax_normal_denominator", "softmax_remembering_shapes"}
    names |= {e.name for e in ALL if not e.wrong}
    found = run_here(f"{SUITES}:thorough", names)
    assert found.killed == 4
    assert found.refused == ()
    assert found.passed
    assert found.exit_code == 0


def test_a_blind_check_lets_everything_pass_and_the_most_harmful_is_named_with_its_error():
    found = run_here(f"{SUITES}:blind", {"softmax_unshifted", "softmax_zeros", "softmax_uniform_denominator"})
    assert found.survivors[0].name == "softmax_zeros"
    assert found.survivors[0].ordinary == 1.0
    assert {o.name for o in found.degenerate} == {"softmax_zeros"}
    assert all(o.by_inputs for o in found.survivors)
    assert found.exit_code == 1
    told = text(found)
    assert "most harmful that passes: softmax_zeros (degenerate), which returns zeros" in told
    assert "zeros and constants: softmax_zeros pass" in told
    assert "sizes: 2 x 3" in told
    shown = page([found]).replace("<wbr>", "")
    for words in ("The most harmful that passes", "softmax_zeros", "What would mend it", "Zeros and constants"):
        assert words in shown
    assert "<script" not in shown
    assert json.loads(json.dumps(found.to_json()))["killed"] == 0
    assert "| blind | float32 | 0 of 3 | 0 of 0 | softmax | softmax_zeros: 1 of" in table(
        [found], {found.check: "blind"}
    )
    assert Audit.from_json(json.loads(json.dumps(found.to_json()))).outcomes == found.outcomes


def test_a_check_that_refuses_everything_refuses_correct_ones():
    found = run_here(f"{SUITES}:refusing", {e.name for e in ALL if not e.wrong})
    assert len(found.refused) == len(found.correct)
    assert found.exit_code == 1
    assert "FALSE ALARM" in text(found)


@pytest.mark.slow  # waits for a time limit that holds the start of a process
def test_a_process_that_dies_or_hangs_costs_the_others_nothing():
    number = {e.name: k for k, e in enumerate(ALL)}
    chosen = ["softmax_zeros", "softmax_uniform", "softmax_one_hot"]
    tasks = [
        Task(
            check=f"{SUITES}:hanging",
            effort="quick",
            operation="softmax",
            format="float32",
            family=None,
            number=number[n],
        )
        for n in chosen
    ]
    lost = {"died": DIED, "late": TIMED_OUT}
    pool: Pool[Task, Outcome] = Pool(outcome.run, lambda t, how: outcome.lost(t, lost[how]), jobs=1, seconds=8.0)
    found = dict(pool.outcomes(tasks))
    assert [found[k].how for k in range(3)] == [DIED, TIMED_OUT, ACCEPTED]
    whole = Audit(check="c", operation="softmax", format="float32", effort="quick", outcomes=tuple(found.values()))
    assert (len(whole.wrong), len(whole.unfinished), whole.exit_code) == (2, 1, 1)
    assert "not finished in time, and not counted: softmax_uniform" in text(whole, mending=False)
    hanging = Audit(check="c", operation="softmax", format="float32", effort="quick", outcomes=(found[1],))
    assert (hanging.passed, hanging.exit_code) == (False, 3)


@pytest.mark.slow  # processes, suites or vocabularies: some seconds each
def test_a_suite_of_pytest_is_a_check_with_a_fixture(tmp_path):
    suite = tmp_path / "test_softmax_suite.py"
    suite.write_text(
        "import numpy as np\n"
        "def test_sums(candidate):\n"
        "    x = np.array([[0, 1, 2.0]], np.float32)\n"
        "    assert abs(candidate(x).sum() - 1) < 1e-6\n"
        "def test_shape(candidate):\n"
        "    assert candidate(np.zeros((2, 3), np.float32)).shape == (2, 3)\n"
    )
    found = run_here(str(suite), {"softmax_zeros", "softmax_uniform"})
    assert {o.name: o.how for o in found.outcomes} == {"softmax_zeros": REFUSED, "softmax_uniform": ACCEPTED}
    (tmp_path / "test_none.py").write_text("def test_nothing():\n    pass\n")
    with pytest.raises(SuiteError, match="no test of"):
        check_of(str(tmp_path / "test_none.py"))(Candidate(BY_NAME["softmax_zeros"]))


@pytest.mark.slow  # processes, suites or vocabularies: some seconds each
def test_the_two_exploits_of_fixed_distributions_are_found():
    torch = pytest.importorskip("torch")
    assert torch
    found = [
        ("competition", "cross_entropy", "bfloat16", {"cross_entropy_normal_denominator"}),
        ("competition", "cross_entropy_grad", "float32", {"cross_entropy_grad_normal_denominator"}),
        ("kernel-benchmark", "cross_entropy", "float32", {"cross_entropy_uniform_denominator"}),
        ("kernel-benchmark", "softmax", "float32", {"softmax_zeros", "softmax_uniform_denominator"}),
    ]
    for preset, operation, format, names in found:
        audited = run_here(f"preset:{preset}", names, operation, format)
        assert {o.name for o in audited.survivors} == names, (preset, operation)
        assert all(o.by_inputs for o in audited.survivors)
    assert {size[2] for size in PRESETS["competition"].sizes("cross_entropy", "quick")} == {32_000, 50_264, 128_256}
    assert {size[2] for size in PRESETS["kernel-benchmark"].sizes("softmax", "quick")} == {393_216}


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_a_source_and_accepts_a_correct_implementation(name):
    pytest.importorskip("torch")
    known = PRESETS[name]
    assert known.source
    assert known.read
    own = known.own is not None
    assert own or known.sizes("softmax", "quick")
    if name.startswith("kernel-benchmark"):
        return  # seconds for its five draws; the test above runs it
    right = next(e.name for e in ALL if not e.wrong and e.arrays == "numpy")
    assert run_here(f"preset:{name}", {right}).refused == ()


def test_a_number_is_near_by_the_rule_of_its_check():
    got, right = np.array([1.005, 5.0]), np.array([1.0, 4.97])
    assert not Near(atol=1e-3, rtol=1e-3).holds(got, right)
    assert Near(atol=1e-2, rtol=1e-3, rule="either").holds(got[:1], right[:1])
    assert Near(atol=1e-2, rtol=1e-2, rule="either").holds(got, right)
    assert Near(atol=1e-4, rtol=1e-4, ratio=0.5).holds(np.array([1.0, 9.0]), np.array([1.0, 5.0]))
    assert not Near(atol=1.0, rtol=1.0).holds(np.array([np.nan]), np.array([1.0]))


def test_mending_inputs_refuse_degenerate_ones_and_exploits_and_no_correct_one():
    for operation in operations.CORE:
        for entry in entries(operation, "float32"):
            if entry.part in (NOTHING, EXPLOIT):
                assert refuses(entry, inputs(operation, "float32")), entry.name
            if entry.part == RIGHT and entry.name == "shifted":
                assert not refuses(entry, inputs(operation, "float32")), entry.name


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("none.py:f", "no file"),
        (f"{SUITES}:none", "no function"),
        ("preset:none", "unknown preset"),
        ("none", "give file.py"),
    ],
)
def test_a_check_that_does_not_exist_is_named(spec, told):
    with pytest.raises(UsageError, match=told):
        check_of(spec)


def test_the_command_writes_json_and_page_and_ends_with_1(tmp_path, capsys):
    file = tmp_path / "a.json"
    command = [
        "audit",
        f"{SUITES}:blind",
        "--limit",
        "1",
        "--jobs",
        "1",
        "--json",
        str(file),
        "--report",
        str(tmp_path),
    ]
    with pytest.raises(SystemExit) as ended:
        app(command)
    assert ended.value.code == 1
    assert "wrong implementations refused: 0 of" in capsys.readouterr().out
    assert json.loads(file.read_text())["kind"] == "softcert-audit"
    assert (tmp_path / "audit.html").read_text().startswith("<!doctype html>")


def test_an_audit_in_processes_is_as_in_this_one():
    found = audit(f"{SUITES}:thorough", "softmax", "float32", limit=2, family=None)
    assert {o.how for o in found.wrong} <= {ACCEPTED, REFUSED}
    assert found.refused == ()


def test_a_table_has_a_row_for_each_check_and_a_column_for_each_operation():
    rows = [run_here(f"{SUITES}:{name}", {"softmax_zeros"}) for name in ("blind", "refusing")]
    rows.append(run_here(f"{SUITES}:blind", {"logsumexp_zeros"}, "logsumexp"))
    head, _, *lines = table(rows, {}).splitlines()
    assert "| softmax | logsumexp |" in head
    assert [line.count("|") for line in lines] == [head.count("|")] * 2
    assert "| 1 of 1 |  |" in lines[1]


def test_an_audit_goes_on_with_what_its_file_has(tmp_path, capsys):
    file = tmp_path / "a.json"
    found = run_here(f"{SUITES}:blind", {"softmax_zeros"})
    file.write_text(json.dumps([found.to_json()]))
    with pytest.raises(SystemExit) as ended:
        app(["audit", f"{SUITES}:blind", "--json", str(file), "--resume"])
    assert ended.value.code == 1
    assert "| 0 of 1 |" in capsys.readouterr().out
    assert json.loads(file.read_text()) == json.loads(json.dumps([found.to_json()]))
    for arguments in (["--resume"], ["--resume", "--json", str(file), "--limit", "1"]):
        with pytest.raises(UsageError, match="--resume goes on"):
            app(["audit", f"{SUITES}:blind", *arguments], standalone_mode=False)
