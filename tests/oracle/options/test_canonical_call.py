"""Calls in canonical form: options mean what they say, and what does not fit is refused in one sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from softcert_oracle import options
from softcert_oracle.errors import UsageError

M, C = 3, 4
X = np.array([[0.5, -2.0, 3.25, 1.0], [700.0, 699.5, -40.0, 700.0], [-1e4, -9999.0, -1e4, -1.1e4]])
LABELS = np.array([1, 2, 0])
WEIGHT = np.array([0.5, 2.0, 0.0, 1.25])
TARGETS = np.array([[0.5, 0.25, 0.0, 1.5], [0.0, 0.0, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]])


@pytest.mark.parametrize(
    ("operation", "given", "said"),
    [
        ("softmax", {"weight": WEIGHT}, "weight"),
        ("cross_entropy", {"weight": WEIGHT[:2]}, r"weight has shape \(2,\): \(4,\)"),
        ("cross_entropy", {"temperature": 0.0}, "temperature=0.0: give a number above 0"),
        ("cross_entropy", {"label_smoothing": 1.5}, "from 0 to 1"),
        ("cross_entropy", {"axis": 2}, "axis=2"),
        ("cross_entropy", {"reduction": "median"}, "median"),
        ("cross_entropy", {"softcap": -1.0}, "softcap=-1.0"),
        ("cross_entropy", {"targets": TARGETS[:1]}, "targets has shape"),
        ("softmax_vjp", {}, "upstream=None"),
        ("cross_entropy_hvp", {}, "upstream=None"),
    ],
)
def test_what_does_not_fit_is_said_in_one_sentence(operation: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        options.reference(operation, {"x": X, "labels": LABELS}, given)


def test_a_label_out_of_range_is_refused_unless_it_is_ignored() -> None:
    arguments = {"x": X, "labels": np.array([0, 255, 1])}
    assert np.isfinite(options.reference("cross_entropy", arguments, {"ignore_index": 255}).hi)
    with pytest.raises(UsageError, match="label=255: with 4 classes a label is 0 to 3 or -100"):
        options.reference("cross_entropy", arguments, {"ignore_index": -100})
