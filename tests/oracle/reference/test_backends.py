"""Which backend answers, and that both answer alike."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from softcert_oracle.numbers.formats import FORMATS
from softcert_oracle.reference import arb, backends, truth

has_numba = importlib.util.find_spec("numba") is not None


def test_the_environment_can_ask_for_arb_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTCERT_NO_NUMBA", "1")
    assert backends.name() == "arb"
    assert backends.default() is arb.enclose
    monkeypatch.setenv("SOFTCERT_NO_NUMBA", "")
    assert backends.name() == ("fast" if has_numba else "arb")


def test_without_numba_arb_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOFTCERT_NO_NUMBA", raising=False)
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "numba" else found(name))
    backends._installed.cache_clear()
    try:
        assert backends.default() is arb.enclose
    finally:
        backends._installed.cache_clear()


@pytest.mark.skipif(not has_numba, reason="compares the fast path, which needs Numba")
@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
def test_the_intervals_of_both_backends_overlap_everywhere(fmt: object) -> None:
    rng = np.random.default_rng(5)
    scale = rng.choice([1e-3, 1.0, 20.0, 100.0], (40, 1))
    x = (rng.normal(size=(40, 33)) * scale).astype(FORMATS[fmt.name].dtype)  # type: ignore[attr-defined]
    x[rng.random(x.shape) < 0.05] = -100.0
    one, other = truth.rows(x, arb.enclose), truth.rows(x, backends.default())
    for name in ("softmax", "complement", "log_softmax", "logsumexp"):
        a, b = getattr(one, name), getattr(other, name)
        with np.errstate(invalid="ignore"):
            moved = np.ldexp(b.hi, b.exponent - a.exponent) - a.hi
            gap = np.abs(moved + np.ldexp(b.lo, b.exponent - a.exponent) - a.lo)
        width = a.radius + np.ldexp(b.radius, b.exponent - a.exponent)
        # hi's agree to 2^-52, so their difference is exact; the sum of tails rounds by 2^-53 of 2^-52.
        assert np.all(gap <= width + 2.0**-104 * np.abs(a.hi)), name
        assert np.allclose(one.tau, other.tau, rtol=1e-14, atol=0)
        assert np.allclose(one.L, other.L, rtol=1e-14, atol=0)
