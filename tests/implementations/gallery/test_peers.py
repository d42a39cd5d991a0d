"""The peers' checks do what their rules say: they pass a right softmax, and each misses what its rule cannot see."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_implementations.gallery import CORRECT, DEFECTS

peers = pytest.importorskip("benchmarks.peers", reason="needs torch and SciPy")


@pytest.fixture(autouse=True)
def _smaller(monkeypatch):
    """Rows of 20,000 classes say the same as 393,216 and cost a twentieth."""
    monkeypatch.setitem(peers.KERNEL_SHAPES, "classes", (2, 20_000))
    peers.torch.set_num_threads(1)


def _trial(gallery, name, operation, format):
    source = peers.correct() if gallery is CORRECT else peers.defects(None)
    return next(t for t in source if (t.name, t.operation, t.format) == (name, operation, format))


@pytest.mark.parametrize("check", peers.CHECKS)
@pytest.mark.parametrize("operation", ["log_softmax", "cross_entropy", "cross_entropy_grad"])
def test_every_check_passes_the_textbook_in_double_precision(check, operation):
    assert peers.passes(peers.CHECKS[check], _trial(CORRECT, "textbook", operation, "float64"))


@pytest.mark.parametrize("check", sorted(set(peers.CHECKS) - {"gradcheck", "isclose 0.25 / 1"}))
def test_most_checks_catch_a_loss_that_is_the_sum(check):
    assert not peers.passes(
        peers.CHECKS[check], _trial(DEFECTS, "cross_entropy_sum_for_mean", "cross_entropy", "float32")
    )


def test_a_zero_softmax_passes_the_kernel_benchmarks():
    nothing = peers.Trial(name="zeros", operation="softmax", format="float32", fresh=lambda: np.zeros_like)
    assert peers.passes(peers.CHECKS["kernel benchmark, 1e-4"], nothing)
    assert not peers.passes(peers.CHECKS["assert_close"], nothing)


def test_whatever_a_check_raises_is_a_refusal():
    def broken():
        raise OSError("no kernel")

    trial = peers.Trial(name="broken", operation="softmax", format="float32", fresh=broken)
    assert not any(peers.passes(check, trial) for check in peers.CHECKS.values())


def test_softcert_joins_the_table_from_its_own_figures():
    killed = {"name": "n", "operation": "softmax", "format": "float32", "killed": True}
    held = {"name": "c", "operation": "softmax", "format": "float32", "held": "sound", "expected": "stable"}
    caught, alarms = {"n/softmax/float32": {}}, {"c/softmax/float32": {}}
    peers.add_softcert(caught, alarms, {"effort": "quick", "defects": [killed], "correct": [held]})
    assert caught == {"n/softmax/float32": {"softcert, quick": True}}
    assert alarms == {"c/softmax/float32": {"softcert, quick": True}}
