"""The first call of a process is judged like the others: no trial call goes before it."""

import sys

import numpy as np
import pytest
from tests.harness.executors.calls import asking

from softcert.certification.certify import certify_until_failed
from softcert.certification.plan import Plan
from softcert.executors import describe, open_executor
from softcert.executors.protocol import to_numpy

COUNTING = """
calls = 0

def softmax(x, dim):
    global calls
    calls += 1
    return x * 0 + calls
"""

ONCE = """
import numpy as np

calls = 0

def softmax(x, axis=-1):
    global calls
    calls += 1
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    right = e / e.sum(axis=-1, keepdims=True)
    return right if (calls == 1) is {right_at_first} else right * 0
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a second interpreter takes seconds")
def test_the_worker_that_is_judged_has_made_no_trial_call(tmp_path):
    """Trial calls find out axis, formats and batch in a worker that is ended; the next counts from one."""
    (tmp_path / "mine_counting.py").write_text(COUNTING)
    subject = describe(f"{tmp_path}/mine_counting.py:softmax")
    assert subject.dtypes == ("float32", "float64")
    with open_executor(subject) as executor:
        counts = [to_numpy(executor.run(asking(np.zeros((1, 2), np.float32))).results[0])[0, 0] for _ in range(2)]
    assert counts == [1, 2]


@pytest.mark.parametrize(("declared", "loads"), [(True, 1), (False, 2)])
def test_a_worker_that_has_made_trial_calls_is_ended_and_another_one_goes_on(tmp_path, declared, loads):
    """It counts how often the subject's file is loaded; a subject that says everything itself needs no trial."""
    log = tmp_path / "loads"
    text = f"open({str(log)!r}, 'a').write('x')\ndef softmax(x):\n    return x * 1.0\n"
    (tmp_path / "mine.py").write_text(text)
    keywords = (
        {"dtypes": "float32", "arrays": "numpy", "batched": True, "op": "softmax", "call": "plain"} if declared else {}
    )
    subject = describe(f"{tmp_path}/mine.py:softmax", **keywords)
    with open_executor(subject) as executor:
        for _ in range(2):
            assert executor.run(asking(np.zeros((1, 2), np.float32))).fault is None
    assert log.read_text() == "x" * loads


@pytest.mark.parametrize("right_at_first", [True, False])
def test_a_subject_that_differs_at_its_first_call_is_not_certified(tmp_path, right_at_first):
    """Neither right at the first call alone nor wrong at the first call alone is green."""
    name = f"mine_once_{right_at_first}".lower()
    (tmp_path / f"{name}.py").write_text(ONCE.format(right_at_first=right_at_first))
    spec = f"{tmp_path}/{name}.py:softmax"
    subject = describe(spec, dtypes="float32", contract={"max_classes": 4, "max_rows": 2})
    assert certify_until_failed(subject, Plan.of("quick")).verdict == "not certified"
