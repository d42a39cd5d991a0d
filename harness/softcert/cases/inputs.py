"""From a recipe to arrays: bit for bit the same wherever and whenever it is built.

The values are rounded once to the format; the view lies in a larger buffer whose other bytes are poisoned, so
that a subject which reads or writes beyond its input is seen.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softcert.cases.case import AT, Case, LabelRule, Layout
from softcert.cases.claims import input_kinds
from softcert.cases.layouts import lay_out
from softcert.cases.regimes import families
from softcert.executors.protocol import Array
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format

_LINE = 64  # bytes: views keep this alignment wherever in a page they begin
_PLACES = 48  # lines by which the beginning moves, so that no place in a page gives the harness away


@dataclass(frozen=True, eq=False, kw_only=True)
class Inputs:
    """The arrays of a case, built once and passed on.

    ``x``: the logits (m, C) in the format, a view into ``buffer`` (uint8), whose other bytes are poisoned.
    ``labels``: (m,), in the case's label type. ``exact``: the values of x as float64.
    """

    case: Case
    x: np.ndarray
    buffer: np.ndarray
    labels: np.ndarray
    exact: np.ndarray

    @cached_property
    def indices(self) -> np.ndarray:
        """The labels as int64 (m,)."""
        return self.labels.astype(np.int64)

    @cached_property
    def largest_logit(self) -> float:
        """The largest finite abs(logit), 0 where there is none."""
        values = np.abs(self.exact)
        largest = float(values.max(initial=0.0))
        return largest if np.isfinite(largest) else float(values[np.isfinite(values)].max(initial=0.0))

    def logits(self) -> Array:
        """The logits as they travel, with their poisoned surroundings."""
        return self._logits

    def label_array(self) -> Array:
        """The labels as they travel, in the label type of the case."""
        return self._label_array

    @cached_property
    def _logits(self) -> Array:
        return Array.of(self.x, self.buffer, self.case.format)

    @cached_property
    def _label_array(self) -> Array:
        base = self.labels.base
        return Array.of(self.labels, None if base is None else base.view(np.uint8))


def build(case: Case) -> Inputs:
    """The inputs of a case. Raises `UsageError` for a recipe that names what does not exist."""
    fmt = formats.lookup(case.format)
    rounded, exact = _rounded(_values(case, fmt), fmt)
    input_kinds.check(case.kind, exact)
    lines = case.digest % _PLACES
    view, buffer = lay_out(rounded, case.layout, poison(case, fmt), extra=lines * _LINE // rounded.itemsize)
    labels = choose_labels(case, exact).astype(case.label_dtype, copy=False)
    if case.layout not in (Layout.C, Layout.READ_ONLY) and case.classes > 1:
        labels = _strided(labels, case.classes)
    return Inputs(case=case, x=view, buffer=buffer, labels=labels, exact=exact)


def _strided(labels: np.ndarray, classes: int) -> np.ndarray:
    """The labels as every other element of an array whose other elements are wrong, but valid, labels."""
    wide = np.empty(2 * len(labels), labels.dtype)
    wide[::2], wide[1::2] = labels, (labels + 1) % classes
    return wide[::2]


def explicit(case: Case, x: np.ndarray, labels: np.ndarray | None = None) -> Case:
    """The same case with its rows written out in hexadecimal (x: float64 (m, C)) and its labels as numbers."""
    rows = tuple(tuple(float(v).hex() for v in row) for row in x)
    values = case.label_values if labels is None else tuple(int(v) for v in labels)
    m, C = x.shape
    return case.with_(rows=rows, rows_count=m, classes=C, label_values=values, parameters=())


def _values(case: Case, fmt: Format) -> np.ndarray:
    m, C = case.rows_count, case.classes
    if case.rows is not None:
        return np.array([[float.fromhex(v) for v in row] for row in case.rows], dtype=np.float64).reshape(m, C)
    if case.regime not in families.REGIMES:
        raise unknown("regime", case.regime, families.REGIMES)
    if m == 0 or C == 0:
        return np.zeros((m, C))
    try:
        return families.values(case.regime, generator(case), m, C, fmt, dict(case.parameters))
    except (TypeError, KeyError, IndexError) as error:
        raise UsageError(f"parameters={dict(case.parameters)!r} do not fit regime {case.regime!r}: {error}.") from None


def generator(case: Case, purpose: str = "") -> np.random.Generator:
    """The random generator of a case: from its seed and its name, so that cases do not share a stream."""
    words = f"{case.regime}|{case.parameters}|{case.rows_count}x{case.classes}|{case.format}|{purpose}"
    entropy = [case.seed, zlib.crc32(words.encode())]
    # The same numbers as those of `default_rng(entropy)`; NumPy takes twice as long to look into a list.
    short = type(case.seed) is int and 0 <= case.seed < 2**32
    seeds = np.random.SeedSequence(np.array(entropy, np.uint32) if short else entropy)
    return np.random.Generator(np.random.PCG64(seeds))


def round_to(value: float, fmt: Format) -> float:
    """The number nearest to a value in the format; a finite value stays finite."""
    return float(rounded_values(np.array(value, dtype=np.float64), fmt))


def rounded_values(values: np.ndarray, fmt: Format) -> np.ndarray:
    """The numbers nearest to values (float64) in the format, as float64; finite values stay finite."""
    return _rounded(values, fmt)[1]


def _rounded(values: np.ndarray, fmt: Format) -> tuple[np.ndarray, np.ndarray]:
    """Values (float64) rounded to the format, in its type and as float64; what is finite stays finite."""
    if fmt.dtype == values.dtype:
        return values, values
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        rounded = values.astype(fmt.dtype)
        exact = rounded.astype(np.float64)
        lost = ~np.isfinite(exact)
        if lost.any() and (lost := lost & np.isfinite(values)).any():
            # Beyond the largest number lies infinity; ml_dtypes makes it NaN in some formats of 8 bits.
            largest = np.copysign(fmt.largest, values)
            rounded, exact = np.where(lost, largest.astype(fmt.dtype), rounded), np.where(lost, largest, exact)
    return rounded, exact


def poison(case: Case, fmt: Format) -> np.ndarray:
    """What fills the memory around a case's arrays, again and again: float64 (n,)."""
    # NaN shows up in every sum, a large number in every maximum, even one that ignores NaN. Ordinary numbers, which
    # are wrong there as well, leave a subject nothing to tell the harness by. By turns.
    turn = case.digest % 3
    if turn == 2:
        return generator(case, "around").standard_normal(61) * min(4.0, fmt.largest / 8)
    return np.array([float("nan") if turn else fmt.largest])


def choose_labels(case: Case, x: np.ndarray) -> np.ndarray:
    """Labels, int64 (m,), by the case's rule: one of `LabelRule`, or "at N" for class N."""
    m, C = x.shape
    if case.label_values is not None:
        return np.array(case.label_values, dtype=np.int64)
    if m == 0 or C == 0:
        return np.zeros(m, dtype=np.int64)
    if case.labels.startswith(AT):
        return np.full(m, int(case.labels.removeprefix(AT)) % C, np.int64)
    if case.labels not in _LABEL_RULES:
        raise unknown("label rule", case.labels, [*_LABEL_RULES, "at N"])
    return np.asarray(_LABEL_RULES[case.labels](case, x), dtype=np.int64)


def _random_labels(case: Case, classes: int, count: int | None) -> np.ndarray:
    return np.asarray(generator(case, "labels").integers(0, classes, count))


# Each label rule: (case, logits (m, C)) -> labels (m,).
_LABEL_RULES: Mapping[str, Callable[[Case, np.ndarray], np.ndarray]] = {
    LabelRule.FIRST: lambda case, x: np.zeros(len(x), np.int64),
    LabelRule.LAST: lambda case, x: np.full(len(x), x.shape[1] - 1, np.int64),
    LabelRule.ARGMAX: lambda case, x: np.argmax(np.where(np.isnan(x), -np.inf, x), axis=1),
    LabelRule.ARGMIN: lambda case, x: np.argmin(np.where(np.isfinite(x), x, np.inf), axis=1),
    LabelRule.RANDOM: lambda case, x: _random_labels(case, x.shape[1], len(x)),
    LabelRule.SAME: lambda case, x: np.full(len(x), _random_labels(case, x.shape[1], None), np.int64),
    LabelRule.MINUS_INF: lambda case, x: np.argmin(np.where(np.isnan(x), np.inf, x), axis=1),
}
