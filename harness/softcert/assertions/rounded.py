"""Correctly rounded results in a format, in the library of the arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from softcert.assertions.arrays import like
from softcert.assertions.given import Given, given
from softcert.assertions.results import shapes_of
from softcert_oracle import operations
from softcert_oracle.decide import decisions
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth


def rounded(op: str, x: Any, labels: Any, format: str | None, options: Mapping[str, Any]) -> Any:
    """The exact results, each rounded once to nearest, ties to even.

    The arguments are those of `softcert.testing.expected`.
    """
    call = given(op, x, labels, None, options)
    chosen = formats.lookup(format or call.format)
    parts = [like(part.astype(chosen.dtype), x) for part in _exact(call, chosen)]
    return parts[0] if len(parts) == 1 else tuple(parts)


def _exact(call: Given, format: formats.Format) -> list[np.ndarray]:
    if not call.plain:
        return _with_options(call, format)
    canonical = call.canonical
    assert canonical.x is not None
    rows = truth.rows(canonical.x)
    labels, reduction = canonical.labels, call.reduction
    exact = truth.reference(call.operation, rows, labels, reduction=reduction)
    refine = truth.refine(call.operation, rows, labels, reduction=reduction)
    values = _settled(*decisions.nearest(exact, format, refine))
    if operations.lookup(call.operation).result == "(m, C)":
        folded = values.reshape(*canonical.lead, canonical.classes)
        return [np.ascontiguousarray(np.moveaxis(folded, -1, canonical.axis))]
    return [values.reshape(shapes_of(call)[0])]


def _with_options(call: Given, format: formats.Format) -> list[np.ndarray]:
    from softcert_oracle.options.reference import option_reference, refiner

    parts = option_reference(call.canonical)
    each = parts if isinstance(parts, tuple) else (parts,)
    return [
        _settled(*decisions.nearest(part, format, refiner(call.canonical, k))).reshape(part.shape)
        for k, part in enumerate(each)
    ]


def _settled(values: np.ndarray, decided: np.ndarray) -> np.ndarray:
    if not np.all(decided):
        raise UsageError("some exact results lie so near to a tie that their rounding stayed undecided.")
    return np.asarray(values)
