"""From a recipe to arrays: bit for bit the same wherever and whenever it is built.

The values are rounded once to the format; the view lies in a larger buffer whose other bytes are poisoned, so
that a subject which reads or writes beyond its input is seen.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from softcert.cases import regimes
from softcert.cases.case import AT, Case, LabelRule, Layout
from softcert.executors.protocol import Array
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format

GUARD = 64  # poisoned elements before and after every view: a whole vector register of the narrowest format
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

    @property
    def indices(self) -> np.ndarray:
        """The labels as int64 (m,)."""
        return self.labels.astype(np.int64)

    def logits(self) -> Array:
        """The logits as they travel, with their poisoned surroundings."""
        return Array.of(self.x, self.buffer, self.case.format)

    def label_array(self) -> Array:
        """The labels as they travel, in the label type of the case."""
        base = self.labels.base
        return Array.of(self.labels, None if base is None else base.view(np.uint8))


def build(case: Case) -> Inputs:
    """The inputs of a case. Raises `UsageError` for a recipe that names what does not exist."""
    fmt = formats.lookup(case.format)
    rounded = _rounded(_values(case, fmt), fmt)
    lines = _hash(case) % _PLACES
    view, buffer = lay_out(rounded, case.layout, poison(case, fmt), extra=lines * _LINE // rounded.itemsize)
    exact = rounded.astype(np.float64)
    labels = choose_labels(case, exact).astype(case.label_dtype)
    if case.layout not in (Layout.C, Layout.READ_ONLY) and case.classes > 1:
        labels = _strided(labels, case.classes)
    return Inputs(case=case, x=view, buffer=buffer, labels=labels, exact=exact)


def _strided(labels: np.ndarray, classes: int) -> np.ndarray:
    """The labels as every other element of an array whose other elements are wrong, but valid, labels."""
    wide = np.repeat((labels + 1) % classes, 2).astype(labels.dtype)
    wide[::2] = labels
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
    if case.regime not in regimes.REGIMES:
        raise unknown("regime", case.regime, regimes.REGIMES)
    if m == 0 or C == 0:
        return np.zeros((m, C))
    try:
        return regimes.values(case.regime, generator(case), m, C, fmt, dict(case.parameters))
    except (TypeError, KeyError, IndexError) as error:
        raise UsageError(f"parameters={dict(case.parameters)!r} do not fit regime {case.regime!r}: {error}.") from None


def generator(case: Case, purpose: str = "") -> np.random.Generator:
    """The random generator of a case: from its seed and its name, so that cases do not share a stream."""
    words = f"{case.regime}|{case.parameters}|{case.rows_count}x{case.classes}|{case.format}|{purpose}"
    return np.random.default_rng([case.seed, zlib.crc32(words.encode())])


def round_to(value: float, fmt: Format) -> float:
    """The number nearest to a value in the format; a finite value stays finite."""
    return float(_rounded(np.array(value, dtype=np.float64), fmt).astype(np.float64))


def _rounded(values: np.ndarray, fmt: Format) -> np.ndarray:
    finite = np.isfinite(values)
    limited = np.where(finite, np.clip(values, -fmt.largest, fmt.largest), values)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        rounded = np.asarray(limited.astype(fmt.dtype))
        lost = finite & ~np.isfinite(rounded.astype(np.float64))
    # ml_dtypes rounds values beside the largest number of float8 to NaN or infinity; they stay finite here.
    return np.where(lost, np.array(np.copysign(fmt.largest, values)).astype(fmt.dtype), rounded)


def poison(case: Case, fmt: Format) -> np.ndarray:
    """What fills the memory around a case's arrays, again and again: float64 (n,)."""
    # NaN shows up in every sum, a large number in every maximum, even one that ignores NaN. Ordinary numbers, which
    # are wrong there as well, leave a subject nothing to tell the harness by. By turns.
    turn = _hash(case) % 3
    if turn == 2:
        return generator(case, "around").standard_normal(61) * min(4.0, fmt.largest / 8)
    return np.array([float("nan") if turn else fmt.largest])


def _hash(case: Case) -> int:
    return zlib.crc32(repr(case).encode())


Cut = Callable[[int, int], tuple[tuple[int, int], tuple[slice, slice], bool]]

# Each layout: (m, C) -> (shape of the base array, slices that cut the view out of it, transposed or not).
_CUTS: Mapping[str, Cut] = {
    Layout.C: lambda m, C: ((m, C), (slice(None), slice(None)), False),
    Layout.FORTRAN: lambda m, C: ((C, m), (slice(None), slice(None)), True),
    Layout.ROW_STRIDE: lambda m, C: ((m, C + 5), (slice(None), slice(2, C + 2)), False),
    Layout.COLUMN_STRIDE: lambda m, C: ((m, 2 * C + 1), (slice(None), slice(1, 2 * C + 1, 2)), False),
    Layout.REVERSED_COLUMNS: lambda m, C: ((m, C), (slice(None), slice(None, None, -1)), False),
    Layout.REVERSED_ROWS: lambda m, C: ((m, C), (slice(None, None, -1), slice(None)), False),
    Layout.EVERY_OTHER_ROW: lambda m, C: ((2 * m + 1, C), (slice(1, 2 * m + 1, 2), slice(None)), False),
    Layout.TRANSPOSED_SLICE: lambda m, C: ((C + 3, m + 2), (slice(1, C + 1), slice(1, m + 1)), True),
    Layout.OFFSET: lambda m, C: ((m, C), (slice(None), slice(None)), False),
    Layout.READ_ONLY: lambda m, C: ((m, C), (slice(None), slice(None)), False),
}
LAYOUTS = tuple(_CUTS)
"""Every way in which the logits may lie in memory."""


def lay_out(values: np.ndarray, layout: str, poison: np.ndarray, extra: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A view with the given values in the given layout, and the poisoned buffer (uint8) that it lies in.

    ``extra`` poisoned elements precede and follow it beyond the usual ones.
    """
    if layout not in _CUTS:
        raise unknown("layout", layout, LAYOUTS)
    m, C = values.shape
    base_shape, cut, transposed = _CUTS[layout](m, C)
    guard = GUARD + extra + (3 if layout == Layout.OFFSET else 0)  # three elements off every alignment
    whole = np.resize(poison, 2 * guard + base_shape[0] * base_shape[1]).astype(values.dtype)
    base = whole[guard : whole.size - guard].reshape(base_shape)
    view = base[cut].T if transposed else base[cut]
    view[...] = values
    if layout == Layout.READ_ONLY:
        view.flags.writeable = False
    return view, whole.view(np.uint8)


def choose_labels(case: Case, x: np.ndarray) -> np.ndarray:
    """Labels, int64 (m,), by the case's rule: one of `LabelRule`, or "at N" for class N."""
    m, C = x.shape
    if case.label_values is not None:
        return np.array(case.label_values, dtype=np.int64)
    if m == 0 or C == 0:
        return np.zeros(m, dtype=np.int64)
    rng = generator(case, "labels")
    known: dict[str, Callable[[], np.ndarray]] = {
        LabelRule.FIRST: lambda: np.zeros(m, np.int64),
        LabelRule.LAST: lambda: np.full(m, C - 1, np.int64),
        LabelRule.ARGMAX: lambda: np.asarray(np.argmax(np.where(np.isnan(x), -np.inf, x), axis=1)),
        LabelRule.ARGMIN: lambda: np.asarray(np.argmin(np.where(np.isfinite(x), x, np.inf), axis=1)),
        LabelRule.RANDOM: lambda: np.asarray(rng.integers(0, C, m)),
        LabelRule.SAME: lambda: np.full(m, rng.integers(0, C), np.int64),
        LabelRule.MINUS_INF: lambda: np.asarray(np.argmin(np.where(np.isnan(x), np.inf, x), axis=1)),
    }
    if case.labels.startswith(AT):
        return np.full(m, int(case.labels.removeprefix(AT)) % C, np.int64)
    if case.labels not in known:
        raise unknown("label rule", case.labels, [*known, "at N"])
    return np.asarray(known[case.labels](), dtype=np.int64)
