"""The part of a contract that limits depend on, and the constants of arithmetic that follow from it.

A correctly rounded operation is off by a factor between 1/(1+u) and 1+u (Higham, "Accuracy and Stability of Numerical
Algorithms", theorems 2.2 and 2.3), so its error is kept as log(1+u): h roundings are h log(1+u), symmetric, and
(1+2^-53)^h never rounds to 1. A function within k ulp is off by at most eps = 2ku relative, kept as -log(1-eps).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format
from softcert_oracle.numbers.scaled import Scaled

ALGORITHMS = (
    "any", "shift-divide", "reciprocal", "base-2", "base-2-fma", "x-m-L", "lse", "lse-x", "exp(x-lse)",
    "exp(log_softmax)", "log1p", "online",
)  # fmt: skip
"""Algorithms that have a row of their own; an operation for which the named one has none keeps the default row."""


@dataclass(frozen=True)
class Parameters:
    """What a subject claims that its limits depend on; fields as in the contract.

    Formats are named; "" means: working precision float32 for formats below 32 bits and the format itself
    otherwise; ``sum_format`` and ``saved_format`` the working precision; ``result_format`` the format.
    ``summation`` is "any" (depth n-1), "pairwise" (NumPy's blocked tree) or a depth. ``exp_ulp``, ``log_ulp`` and
    ``div_ulp`` are errors in ulp. Raises `UsageError` for a value that no limit can be derived from.
    """

    format: str
    working_precision: str = ""
    sum_format: str = ""
    saved_format: str = ""
    result_format: str = ""
    summation: str | int = "any"
    algorithm: str = "any"
    exp_ulp: float = 4.0
    log_ulp: float = 4.0
    div_ulp: float = 0.5
    flush_subnormals: bool = False
    reduction: str = "mean"

    def __post_init__(self) -> None:
        own = formats.lookup(self.format)
        working = self.working_precision or ("float32" if own.bits < 32 else own.name)
        for name, default in (
            ("working_precision", working),
            ("sum_format", working),
            ("saved_format", working),
            ("result_format", own.name),
        ):
            object.__setattr__(self, name, formats.lookup(getattr(self, name) or default).name)
        if self.algorithm not in ALGORITHMS:
            raise unknown("algorithm", self.algorithm, ALGORITHMS)
        if self.reduction not in operations.REDUCTIONS:
            raise unknown("reduction", self.reduction, operations.REDUCTIONS)
        is_depth = isinstance(self.summation, int) and not isinstance(self.summation, bool) and self.summation > 0
        if not (is_depth or self.summation in ("any", "pairwise")):
            raise UsageError(f"summation={self.summation!r}: give 'any', 'pairwise' or a depth of at least 1.")
        for name in ("exp_ulp", "log_ulp", "div_ulp"):
            if not 0 < getattr(self, name) < np.inf:
                raise UsageError(f"{name}={getattr(self, name)!r}: give a positive number of ulp.")

    @cached_property
    def arithmetic(self) -> Arithmetic:
        """The constants of the working precision."""
        return Arithmetic(self)


class Arithmetic:
    """The constants that a limit is made of, for one set of parameters (see the module's text)."""

    def __init__(self, p: Parameters) -> None:
        self.format: Format = formats.lookup(p.format)
        self.working: Format = formats.lookup(p.working_precision)
        self.result: Format = formats.lookup(p.result_format)
        self.u = self.working.unit_roundoff
        self.rounding = float(np.log1p(self.u))
        self.exp = _logarithmic(2.0 * p.exp_ulp * self.u)
        self.log = 2.0 * p.log_ulp * self.u
        self.division = self.rounding if p.div_ulp <= 0.5 else _logarithmic(2.0 * p.div_ulp * self.u)
        self.log_smallest_normal = self.working.emin * float(np.log(2.0))
        self.half = self._tiny(self.working, p.flush_subnormals)
        eta = Scaled.of(max(p.exp_ulp, 0.5), self.working.quantum_exponent)
        self.omega = Scaled.of(1.0, self.working.emin) if p.flush_subnormals else eta
        self.half_result = self._tiny(self.result, p.flush_subnormals)
        self.narrow_result = _narrower(self.result, self.working)
        kept = formats.lookup(p.sum_format)
        self.kept_log = kept.unit_roundoff if kept.precision < self.working.precision else 0.0
        self.saved: Format | None = _if_narrower(formats.lookup(p.saved_format), self.working)
        self.narrow_input = _narrower(self.working, self.format)

    @staticmethod
    def _tiny(f: Format, flush: bool) -> Scaled:
        """Absolute error of one operation whose result is subnormal: eta/2, or N where it is flushed to zero."""
        return Scaled.of(1.0, f.emin) if flush else Scaled.of(0.5, f.quantum_exponent)


def _logarithmic(relative: float) -> float:
    """-log(1 - eps): bounds |log(1 + delta)| for every |delta| <= eps; infinite where nothing is known."""
    return float(-np.log1p(-relative)) if relative < 1.0 else np.inf


def _narrower(a: Format, b: Format) -> bool:
    """Whether rounding from b to a loses anything: fewer bits, or a smaller range."""
    return a.precision < b.precision or a.emin > b.emin or a.emax < b.emax


def _if_narrower(a: Format, b: Format) -> Format | None:
    return a if _narrower(a, b) else None
