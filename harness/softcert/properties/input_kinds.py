"""The form of a result where the logits were no arrays of the format: which formats and shapes are right."""

from __future__ import annotations

import numpy as np

from softcert.cases.case import Case
from softcert_implementations.adapters.kinds import NUMBERS, PLAIN
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format

_FREE = (*NUMBERS, "lists", "NumPy scalars")
"""Kinds that say nothing of a format: the result has the contract's, or a wider one."""


def right_format(kind: str, got: str, wanted: str) -> bool:
    """Whether a result may have the format ``got``.

    Parameters
    ----------
    kind
        What the logits were given as.
    got
        The name of the result's format.
    wanted
        The result's format by the contract.

    Examples
    --------
    >>> right_format("int64", "float64", "float32"), right_format("int8", "float16", "float32")
    (True, False)
    """
    if got == wanted:
        return True
    if kind in _FREE:
        return got in formats.FORMATS and _holds(formats.lookup(got), formats.lookup(wanted))
    return kind == "big-endian" and got in _swapped(wanted)


def _holds(wide: Format, narrow: Format) -> bool:
    return wide.precision >= narrow.precision and wide.emax >= narrow.emax and wide.emin <= narrow.emin


def _swapped(wanted: str) -> tuple[str, ...]:
    dtype = formats.lookup(wanted).dtype
    return (dtype.newbyteorder().str,) if dtype.kind == "f" else ()


def shape_of(case: Case, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a result: one logit without a row has one result without a row."""
    return () if case.kind == "0-d" else shape


def rounded(case: Case, values: np.ndarray, wanted: str) -> np.ndarray:
    """Results (float64) as the contract's format holds them: a wider one that came is rounded once."""
    if case.kind == PLAIN:
        return values
    with np.errstate(over="ignore", invalid="ignore"):
        return values.astype(formats.lookup(wanted).dtype).astype(np.float64)
