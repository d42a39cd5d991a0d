"""What a subject changes for everybody in its process does not reach the harness, nor the next subject."""

import decimal
import signal
import sys
import warnings

import numpy as np
import pytest
from tests.harness.executors.calls import asking, one

from softcert.executors import describe
from softcert.executors.in_process import InProcessExecutor
from softcert.executors.protocol import to_numpy

FINE = asking(np.zeros((1, 2), np.float32))


def change():
    np.seterr(all="raise")
    np.set_printoptions(precision=1)
    sys.setrecursionlimit(sys.getrecursionlimit() + 77)
    warnings.simplefilter("error")
    decimal.getcontext().prec = 3
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def state():
    return (
        np.geterr(),
        np.get_printoptions()["precision"],
        sys.getrecursionlimit(),
        list(warnings.filters),
        decimal.getcontext().prec,
        signal.getsignal(signal.SIGTERM),
    )


@pytest.fixture(autouse=True)
def put_back():
    """Whatever the outcome, the other tests see the state from before."""
    before = state()
    yield
    np.seterr(**before[0])
    np.set_printoptions(precision=before[1])
    sys.setrecursionlimit(before[2])
    warnings.filters[:] = before[3]
    decimal.getcontext().prec = before[4]
    signal.signal(signal.SIGTERM, before[5])


def test_a_call_leaves_the_state_of_the_harness_as_it_was():
    def softmax(x):
        change()
        return x

    before = state()
    with InProcessExecutor(one(softmax)) as executor:
        assert executor.run(FINE).fault is None
        assert state() == before


def test_the_next_subject_begins_with_the_state_of_the_harness_and_the_same_one_goes_on_with_its_own():
    def first(x):
        np.seterr(divide="raise")
        return x

    def tells(x):
        return np.array([[float(np.geterr()["divide"] == "raise")]], np.float32)

    with InProcessExecutor(one(first)) as one_subject, InProcessExecutor(one(tells)) as other:
        one_subject.run(FINE)
        assert to_numpy(other.run(FINE).results[0]).tolist() == [[0.0]]
        one_subject.implementation = other.implementation
        assert to_numpy(one_subject.run(FINE).results[0]).tolist() == [[1.0]]


def test_importing_a_subject_leaves_the_state_as_it_was(tmp_path):
    (tmp_path / "changes.py").write_text(
        "import sys, warnings\nimport numpy as np\n"
        "np.seterr(all='raise'); sys.setrecursionlimit(7777); warnings.simplefilter('error')\n"
        "def softmax(x):\n    return x\n"
    )
    before = state()
    describe(f"{tmp_path}/changes.py:softmax", isolation="none", arrays="numpy", dtypes=("float32",), batched=True)
    assert state() == before
