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
from softcert.cases.case import Case
from softcert.executors.protocol import Array
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format

GUARD = 64  # poisoned elements before and after every view: a whole vector register of the narrowest format


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a case amounts to: logits as a view (m, C) in the format, the buffer around it, labels, float64 twin."""

    case: Case
    x: np.ndarray
    buffer: np.ndarray
    labels: np.ndarray
    exact: np.ndarray  # float64 (m, C), the same values

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
    view, buffer = lay_out(rounded, case.layout, poison=poison(case, fmt))
    exact = rounded.astype(np.float64)
    labels = choose_labels(case, exact).astype(case.label_dtype)
    if case.layout not in ("C", "read-only") and case.classes > 1:
        labels = _strided(labels, case.classes)
    return Inputs(case, view, buffer, labels, exact)


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


def _rounded(values: np.ndarray, fmt: Format) -> np.ndarray:
    finite = np.isfinite(values)
    limited = np.where(finite, np.clip(values, -fmt.largest, fmt.largest), values)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        rounded = np.asarray(limited.astype(fmt.dtype))
        lost = finite & ~np.isfinite(rounded.astype(np.float64))
    # ml_dtypes rounds values beside the largest number of float8 to NaN or infinity; they stay finite here.
    return np.where(lost, np.array(np.copysign(fmt.largest, values)).astype(fmt.dtype), rounded)


def poison(case: Case, fmt: Format) -> float:
    """What fills the memory around a case's arrays."""
    # NaN shows up in every sum, a large number in every maximum, even one that ignores NaN: by turns.
    return float("nan") if zlib.crc32(repr(case).encode()) % 2 else fmt.largest


Layout = Callable[[int, int], tuple[tuple[int, int], tuple[slice, slice], bool]]

# Each layout: (m, C) -> (shape of the base array, slices that cut the view out of it, transposed or not).
_LAYOUTS: Mapping[str, Layout] = {
    "C": lambda m, C: ((m, C), (slice(None), slice(None)), False),
    "Fortran": lambda m, C: ((C, m), (slice(None), slice(None)), True),
    "row stride": lambda m, C: ((m, C + 5), (slice(None), slice(2, C + 2)), False),
    "column stride": lambda m, C: ((m, 2 * C + 1), (slice(None), slice(1, 2 * C + 1, 2)), False),
    "reversed columns": lambda m, C: ((m, C), (slice(None), slice(None, None, -1)), False),
    "reversed rows": lambda m, C: ((m, C), (slice(None, None, -1), slice(None)), False),
    "every other row": lambda m, C: ((2 * m + 1, C), (slice(1, 2 * m + 1, 2), slice(None)), False),
    "transposed slice": lambda m, C: ((C + 3, m + 2), (slice(1, C + 1), slice(1, m + 1)), True),
    "offset": lambda m, C: ((m, C), (slice(None), slice(None)), False),
    "read-only": lambda m, C: ((m, C), (slice(None), slice(None)), False),
}
LAYOUTS = tuple(_LAYOUTS)
"""Every way in which the logits may lie in memory."""


def lay_out(values: np.ndarray, layout: str, poison: float) -> tuple[np.ndarray, np.ndarray]:
    """A view with the given values in the given layout, and the poisoned buffer (uint8) that it lies in."""
    if layout not in _LAYOUTS:
        raise unknown("layout", layout, LAYOUTS)
    m, C = values.shape
    base_shape, cut, transposed = _LAYOUTS[layout](m, C)
    guard = GUARD + (3 if layout == "offset" else 0)  # three elements off every alignment
    whole = np.full(2 * guard + base_shape[0] * base_shape[1], poison, dtype=np.float64).astype(values.dtype)
    base = whole[guard : whole.size - guard].reshape(base_shape)
    view = base[cut].T if transposed else base[cut]
    view[...] = values
    if layout == "read-only":
        view.flags.writeable = False
    return view, whole.view(np.uint8)


def choose_labels(case: Case, x: np.ndarray) -> np.ndarray:
    """Labels, int64 (m,), by the case's rule.

    Rules: "first", "last", "argmax", "argmin", "random", "same" (one label for all), "minus inf" (a class whose
    logit is -inf, where the row has one), "at N" (class N).
    """
    m, C = x.shape
    if case.label_values is not None:
        return np.array(case.label_values, dtype=np.int64)
    if m == 0 or C == 0:
        return np.zeros(m, dtype=np.int64)
    rng = generator(case, "labels")
    known: dict[str, Callable[[], np.ndarray]] = {
        "first": lambda: np.zeros(m, np.int64),
        "last": lambda: np.full(m, C - 1, np.int64),
        "argmax": lambda: np.asarray(np.argmax(np.where(np.isnan(x), -np.inf, x), axis=1)),
        "argmin": lambda: np.asarray(np.argmin(np.where(np.isfinite(x), x, np.inf), axis=1)),
        "random": lambda: np.asarray(rng.integers(0, C, m)),
        "same": lambda: np.full(m, rng.integers(0, C), np.int64),
        "minus inf": lambda: np.asarray(np.argmin(np.where(np.isnan(x), np.inf, x), axis=1)),
    }
    if case.labels.startswith("at "):
        return np.full(m, int(case.labels[3:]) % C, np.int64)
    if case.labels not in known:
        raise unknown("label rule", case.labels, [*known, "at N"])
    return np.asarray(known[case.labels](), dtype=np.int64)
