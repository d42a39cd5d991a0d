"""The isolated executor: its worker, its memory, and a clean state after an interruption."""

import itertools
import os
import signal

import ml_dtypes
import numpy as np
import pytest
from tests.harness.executors.calls import KEYWORDS, asking, one

from softcert.executors.in_process import InProcessExecutor
from softcert.executors.process import ProcessExecutor
from softcert.executors.protocol import FaultKind, to_numpy


def test_memory_that_is_never_written_holds_nan():
    subject = one(lambda x: np.empty_like(x))
    with ProcessExecutor(subject) as executor:
        reply = executor.run(asking(np.zeros((300, 300), np.float32)))
        assert np.isnan(to_numpy(reply.results[0])).any()


def test_the_worker_never_loads_the_truth_nor_anything_heavy():
    def softmax(x):
        import sys

        heavy = (
            "softcert_oracle.reference.truth",
            "softcert_oracle.reference.arb",
            "sympy",
            "mpmath",
            "flint",
            "hypothesis",
            "numba",
            "torch",
            "jinja2",
        )
        raise RuntimeError(sorted(m for m in heavy if m in sys.modules))

    with ProcessExecutor(softmax, KEYWORDS) as executor:
        fault = executor.run(asking(np.zeros((1, 2), np.float32))).fault
    assert fault.message == "RuntimeError: []"


def test_arenas_grow_and_serve_on():
    with ProcessExecutor(one(lambda x: x * 2), KEYWORDS | {"dtypes": ("float32", "float64")}) as executor:
        for rows in (1, 3000, 2, 40000):
            x = np.arange(rows * 8, dtype=np.float64).reshape(rows, 8)
            assert np.array_equal(to_numpy(executor.run(asking(x)).results[0]), x * 2)


def test_closing_twice_is_harmless_and_running_afterwards_is_not():
    for executor in (InProcessExecutor(one(lambda x: x)), ProcessExecutor("naive")):
        executor.close()
        executor.close()
        with pytest.raises(ValueError, match="closed"):
            executor.run(asking(np.zeros((1, 2), np.float32)))


def test_torch_halves_go_through_the_worker():
    pytest.importorskip("torch")
    x = np.array([[0, 1, 2]], ml_dtypes.bfloat16)
    with ProcessExecutor("torch_functional") as executor:
        (p,) = executor.run(asking(x)).results
        (g,) = executor.run(asking(x, np.array([2]), operation="cross_entropy_grad")).results
    assert (p.format, g.format) == ("bfloat16", "bfloat16")
    assert abs(float(to_numpy(p).astype(float).sum()) - 1) <= 3 * 2.0**-9  # three roundings to nearest below 1
    assert float(to_numpy(g)[0, 2]) < 0


def test_a_result_buffer_that_is_used_again_is_observed():
    buffer = np.zeros(8, np.float32)

    def softmax(x):
        buffer[: x.size] = x.ravel()
        return buffer[: x.size].reshape(x.shape)

    x = np.zeros((1, 4), np.float32)
    with ProcessExecutor(softmax, KEYWORDS) as executor:
        assert executor.run(asking(x)).observations == ()
        assert [kind for kind, _ in executor.run(asking(x + 1)).observations] == ["result overwritten"]


@pytest.mark.skipif(os.name == "nt", reason="signals are sent the POSIX way")
@pytest.mark.parametrize("start", ["zygote", "spawn"])
def test_after_ctrl_c_in_a_call_the_next_call_gets_its_own_reply(start):
    harness = os.getpid()

    def softmax(x):
        if x[0, 0] == 1:
            os.kill(harness, signal.SIGINT)
        return x

    with ProcessExecutor(softmax, KEYWORDS, start=start) as executor:
        assert executor.run(asking(np.zeros((1, 2), np.float32))).fault is None
        interrupted = itertools.repeat(asking(np.ones((1, 2), np.float32)))
        with pytest.raises(KeyboardInterrupt):
            list(map(executor.run, interrupted))  # the signal may arrive just after a reply
        x = np.array([[5, 6]], np.float32)
        assert to_numpy(executor.run(asking(x)).results[0]).tolist() == [[5, 6]]
        assert executor.deaths == 0


@pytest.mark.skipif(os.name == "nt", reason="signals are sent the POSIX way")
def test_after_ctrl_c_while_loading_the_subject_is_loaded_anew(tmp_path):
    flag = tmp_path / "loaded"
    (tmp_path / "mine.py").write_text(
        "import os, pathlib, signal\n"
        f"flag = pathlib.Path({str(flag)!r})\n"
        "if not flag.exists():\n"
        "    flag.touch()\n"
        f"    os.kill({os.getpid()}, signal.SIGINT)\n"
        "def softmax(x):\n"
        "    return x\n"
    )
    with ProcessExecutor(f"{tmp_path}/mine.py:softmax", KEYWORDS) as executor:
        with pytest.raises(KeyboardInterrupt):
            _ = executor.description
        assert flag.exists()
        assert executor.run(asking(np.zeros((1, 2), np.float32))).fault is None


def test_an_endless_result_is_refused_and_the_next_call_answered():
    def softmax(x):
        return np.zeros(60 << 20, np.float64) if x[0, 0] else x

    with ProcessExecutor(softmax, KEYWORDS) as executor:
        fault = executor.run(asking(np.ones((1, 2), np.float32))).fault
        assert fault.kind is FaultKind.RESULT
        assert "far more than the operation's result holds" in fault.message
        assert executor.run(asking(np.zeros((1, 2), np.float32))).fault is None
