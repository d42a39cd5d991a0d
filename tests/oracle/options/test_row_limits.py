"""Row limits of a call: those of the plain operations at the shaped logits, widened by the errors of shaping."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracle.options.calls import TARGETS, X, call, row_limits

from softcert_oracle.limits import accurate, sound, stable


@pytest.mark.parametrize(("level", "module"), [("sound", sound), ("stable", stable), ("accurate", accurate)])
def test_without_shaping_they_are_those_of_the_level(level: str, module: object) -> None:
    limits = row_limits(call("softmax", {}), level)
    assert np.array_equal(limits.softmax().to_float(), module.softmax(limits.t).to_float())  # type: ignore[attr-defined]
    assert np.array_equal(limits.log_softmax().to_float(), module.log_softmax(limits.t).to_float())  # type: ignore[attr-defined]
    plain = module.logsumexp(limits.t).to_float()  # type: ignore[attr-defined]
    assert np.allclose(limits.logsumexp.error.to_float(), plain, rtol=1e-6)  # and 2^-52 of the value
    assert not np.any(limits.shift)


def test_the_log_sum_exp_moves_by_the_weighted_errors_and_a_log_probability_by_its_own_too() -> None:
    limits = row_limits(call("softmax", {"temperature": 0.7}))
    e, p = limits.errors, np.exp(X / 0.7 - (X / 0.7).max(1, keepdims=True))
    p = p / p.sum(1, keepdims=True)
    lse = np.log(np.sum(p * np.exp(e), axis=1, keepdims=True))
    assert np.allclose(limits.lse_shift, lse, rtol=1e-6)
    top = np.take_along_axis(e, X.argmax(1)[:, None], axis=1)
    assert np.allclose(limits.shift, e + np.maximum(lse, top), rtol=1e-6)
    plain = stable.log_softmax(limits.t).to_float()
    assert np.allclose(limits.log_softmax().to_float() - plain, limits.shift, rtol=1e-3)
    added = limits.softmax().to_float() - stable.softmax(limits.t).to_float()
    assert np.allclose(added, p * np.expm1(limits.shift), rtol=1e-3)
    added = limits.logsumexp.error.to_float() - stable.logsumexp(limits.t).to_float()
    assert np.allclose(added, limits.lse_shift[:, 0], rtol=1e-3)


def test_special_rows_and_absent_classes_count_as_zero() -> None:
    x = np.array([[1.0, -np.inf, 2.0], [np.inf, 0.0, 0.0]])
    limits = row_limits(call("softmax", {}, x))
    assert limits.p.to_float()[0, 1] == 0.0
    assert limits.p.to_float()[1].tolist() == [0.0] * 3
    assert limits.log_p.to_float()[0, 1] == 0.0
    assert limits.logsumexp.value.to_float()[1] == 0.0
    assert limits.logsumexp.error.to_float()[1] == 0.0


def test_only_smoothing_and_soft_targets_are_dense() -> None:
    assert not row_limits(call("cross_entropy", {})).dense
    assert row_limits(call("cross_entropy", {"label_smoothing": 0.1})).dense
    assert row_limits(call("cross_entropy", {"targets": TARGETS})).dense
    assert np.array_equal(row_limits(call("cross_entropy", {})).coefficients.value.to_float().sum(1), [1, 1, 1])
