"""`softcert.Judge`: one verdict for each candidate, whatever it does; sealed and repeatable."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import softcert
from softcert.cli.main import app
from softcert.graders import one
from softcert.graders.candidates import UnusableError, given, names_in
from softcert.graders.sealed import Seal
from softcert.graders.verdict import Verdict
from softcert_oracle.errors import UsageError

HONEST = """import numpy as np
def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)
"""
NAIVE = """import numpy as np
def softmax(x):
    e = np.exp(x)
    return e / e.sum(-1, keepdims=True)
"""
ZEROS = """import numpy as np
def softmax(x):
    return np.zeros_like(x)
"""
WRITING = """import numpy as np
def softmax(x):
    x -= x.max(-1, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(-1, keepdims=True)
    return x
"""
LIBRARY = """import scipy.special
def softmax(x):
    return scipy.special.softmax(x, axis=-1)
"""
DYING = """import os
def softmax(x):
    os._exit(5)
"""
BROKEN = "def softmax(x:\n    return x\n"


@pytest.fixture(scope="module")
def verdicts():
    """The verdicts on one of each kind, judged once."""
    judge = softcert.Judge("softmax", "float32", salt="a salt", seconds=60)
    sources = {"naive": NAIVE, "zeros": ZEROS, "writing": WRITING, "dying": DYING, "broken": BROKEN, "spec": "no:such"}
    found = {v.candidate: v for v in judge.stream(sources.values())}
    assert sorted(found) == list(range(len(sources)))
    return {name: found[number] for number, name in enumerate(sources)}


def test_a_wrong_one_is_refuted_with_witness_cause_and_feedback(verdicts):
    naive = verdicts["naive"]
    assert (naive.verdict, naive.reward, naive.stage) == ("refuted", 0, "cases")
    assert naive.witness["got"] in ("nan", "inf")
    assert "without subtracting the maximum" in naive.cause
    assert 0 < len(naive.feedback) <= 300
    assert 0.1 <= naive.shaped < 1
    assert verdicts["zeros"].reward == 0


def test_what_writes_its_input_says_so_in_its_flags(verdicts):
    assert verdicts["writing"].verdict == "refuted"
    assert "input written" in verdicts["writing"].flags


def test_what_cannot_be_loaded_and_what_dies_in_its_first_call_is_unusable(verdicts):
    assert verdicts["broken"].verdict == "unusable"
    assert "SyntaxError" in verdicts["broken"].feedback
    assert verdicts["spec"].verdict == "unusable"
    assert (verdicts["dying"].verdict, verdicts["dying"].reward) == ("unusable", 0)


def test_a_verdict_is_one_line_of_json_below_four_kilobytes(verdicts):
    for verdict in verdicts.values():
        line = verdict.to_json()
        assert "\n" not in line
        assert len(line.encode()) < 4096
        known = json.loads(line)
        assert known["schema"] == 1
        assert known["commitment"] == verdict.commitment


def test_the_same_salt_gives_the_same_verdicts(verdicts):
    again = next(softcert.Judge("softmax", "float32", salt="a salt", seconds=60).stream([NAIVE]))
    first = verdicts["naive"]
    assert (again.verdict, again.witness, again.worst, again.digest) == (
        first.verdict,
        first.witness,
        first.worst,
        first.digest,
    )
    assert again.commitment == first.commitment


@pytest.mark.slow  # two whole certifications
def test_an_honest_one_earns_the_reward_and_a_call_of_a_library_does_not():
    found = {v.candidate: v for v in softcert.Judge("softmax", "float32", salt="s").stream([HONEST, LIBRARY])}
    assert (found[0].verdict, found[0].reward, found[0].shaped, found[0].flags) == ("certified", 1, 1.0, ())
    assert (found[1].verdict, found[1].reward) == ("certified", 0)
    assert "library called" in found[1].flags


def test_seeds_depend_on_the_salt_and_the_task_and_the_commitment_tells_neither():
    seal = Seal.of("salt", "task")
    assert seal.seed == Seal.of(b"salt", "task").seed
    assert len({seal.seed, Seal.of("salt", "other").seed, Seal.of("other", "task").seed}) == 3
    assert "salt" not in seal.commitment
    assert Seal.of(None, "task").salt != Seal.of(None, "task").salt
    assert softcert.Judge("softmax").commitment != softcert.Judge("softmax").commitment


def test_the_function_of_the_operations_name_comes_before_all_others():
    assert names_in("def helper(x): pass\ndef lse(x): pass\ndef _h(): pass\n", "logsumexp")[0] == "logsumexp"
    assert names_in("def helper(x): pass\ndef mine(x): pass\ndef _h(): pass\n", "softmax")[-1] == "mine"
    for nothing in ("", "# only words\n"):
        with pytest.raises(UnusableError, match="has no function"):
            names_in(nothing, "softmax")
    for broken in ("x = (", "x = 1\0", "# \ud800", "(" * 5000):
        with pytest.raises(UnusableError, match="is no Python"):
            names_in(broken, "softmax")
    with pytest.raises(UnusableError, match="at most"):
        names_in("x" * 2_000_000, "softmax")


def test_what_cannot_be_pickled_is_a_candidate_all_the_same():
    import threading

    assert given(threading.Lock()).kind == "broken"
    assert given("a:b").kind == "spec"
    assert given("a\nb").kind == "source"
    assert given("def softmax(x): return x").kind == "source"
    assert given({"source": "a:b"}).kind == "source"
    assert given({"spec": "a:b"}).kind == "spec"
    for nothing in (None, 5, b"text", [], {}, {"source": 5}, object()):
        assert given(nothing).kind == "broken"


def test_an_infinite_error_and_long_texts_fit_into_a_line():
    task = {"candidate": 0, "digest": "d", "operation": "softmax", "format": "float32", "level": "stable"}
    known = {**task, "verdict": "refuted", "reward": 0}
    verdict = Verdict(**known, shaped=0.0, stage="cases", worst=float("inf"), cause="c" * 9000, flags=("f" * 900,) * 20)
    assert json.loads(verdict.to_json())["worst"] == "inf"


def test_a_failure_of_the_judge_is_inconclusive(monkeypatch):
    def broken(*arguments, **keywords):
        raise RuntimeError("of our own")

    monkeypatch.setattr(one, "describe", broken)
    task = softcert.Judge("softmax")._task(0, HONEST)
    verdict = one.run(task)
    assert (verdict.verdict, verdict.reward) == ("inconclusive", 0)
    assert "of our own" in verdict.feedback


@pytest.mark.parametrize(
    ("keywords", "told"),
    [
        ({"op": "softmaxx"}, "unknown operation"),
        ({"op": "softmax_vjp"}, "judges exist for"),
        ({"op": "softmax", "level": "x"}, "unknown level"),
        ({"op": "softmax", "budget": "x"}, "unknown budget"),
        ({"op": "softmax", "jobs": 0}, "jobs=0"),
        ({"op": "softmax", "seconds": 0}, "seconds=0"),
        ({"op": "softmax", "shapes": [(0, 1)]}, "shapes="),
        ({"op": "softmax", "contract": {"none": 1}}, "unknown contract field"),
    ],
)
def test_a_mistake_is_named(keywords, told):
    with pytest.raises(UsageError, match=told):
        softcert.Judge(**keywords)


def test_a_script_needs_no_main_guard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from softcert import Judge\n"
        "for verdict in Judge('softmax', salt='s').stream(['no:such', 'def f(:\\n']):\n"
        "    print(verdict.verdict)\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["unusable", "unusable"], done.stderr


def test_the_command_reads_json_lines_and_writes_a_verdict_for_each(tmp_path, capsys):
    lines = [json.dumps({"source": BROKEN}), json.dumps("no:such"), "no json", json.dumps(7)]
    (tmp_path / "c.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "salt").write_text("s")
    app(["judge", str(tmp_path / "c.jsonl"), "--jsonl", "--salt-file", str(tmp_path / "salt")], standalone_mode=False)
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(v["candidate"] for v in found) == [0, 1, 2, 3]
    assert {v["verdict"] for v in found} == {"unusable"}
