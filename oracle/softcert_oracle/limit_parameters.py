"""The part of a contract that limits depend on, and the constants of arithmetic that follow from it.

A correctly rounded operation is off by a factor between 1/(1+u) and 1+u (Higham, "Accuracy and Stability of Numerical
Algorithms", theorems 2.2 and 2.3), so its error is kept as log(1+u): h roundings are h log(1+u), symmetric, and
(1+2^-53)^h never rounds to 1. A function within k ulp is off by at most eps = 2ku relative, kept as -log(1-eps).

The module stands outside `softcert_oracle.limits`, because that package loads the reference with Arb: the process of a
subject knows the contract, and must not load the truth.
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
    "any",
    "shift-divide",
    "reciprocal",
    "base-2",
    "base-2-fma",
    "x-m-L",
    "lse",
    "lse-x",
    "exp(x-lse)",
    "exp(log_softmax)",
    "log1p",
    "online",
)
"""Algorithms that have a row of their own; an operation for which the named one has none keeps the default row."""

_ULP_BOUND = 2**20  # in float32 the relative error 2ku is then 1/8: fewer than four bits are right


@dataclass(frozen=True, kw_only=True)
class LimitParameters:
    """What a subject claims about its arithmetic: everything that its limits depend on.

    Parameters
    ----------
    format
        The format of the logits, by name.
    reduction
        "mean", "sum" or "none": how the losses of the rows become the result.
    working_precision
        The format in which the subject computes. "" means float32 for formats below 32 bits, and otherwise the format
        of the logits.
    sum_format, saved_format
        The formats in which sums of exponentials are kept, and in which the forward pass saves what the backward pass
        reads. "" means the working precision.
    result_format
        The format of the result. "" means the format of the logits.
    summation
        "any" (a depth of n - 1 roundings for n terms), "pairwise" (NumPy's blocked tree), or a depth of at least 1.
    algorithm
        One of `ALGORITHMS`.
    exp_ulp, log_ulp, div_ulp
        The largest error of the exponential, the logarithm and a division, in ulp of the working precision.
    flush_subnormals
        Whether subnormal results and arguments may be replaced by zero.

    Raises
    ------
    UsageError
        For a value from which no limit can be derived.

    Examples
    --------
    >>> half = LimitParameters(format="bfloat16")
    >>> half.working_precision, half.sum_format, half.result_format
    ('float32', 'float32', 'bfloat16')
    """

    format: str
    reduction: str = "mean"
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
            error = getattr(self, name)
            if not (isinstance(error, int | float) and 0 < error < _ULP_BOUND):
                raise UsageError(f"{name}={error!r}: give a positive number of ulp below {_ULP_BOUND}.")

    @cached_property
    def arithmetic(self) -> Arithmetic:
        """The constants of the working precision."""
        return Arithmetic(self)


class Arithmetic:
    """The constants that a limit is made of, for one set of parameters (see the module's text)."""

    def __init__(self, p: LimitParameters) -> None:
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
