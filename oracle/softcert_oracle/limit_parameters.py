"""The part of a contract that limits depend on, and the constants of arithmetic that follow from it.

A correctly rounded operation is off by a factor between 1/(1+u) and 1+u (Higham, "Accuracy and Stability of Numerical
Algorithms", theorems 2.2 and 2.3), so its error is kept as log(1+u): h roundings are h log(1+u), symmetric, and
(1+2^-53)^h never rounds to 1. A function within k ulp is off by at most eps = 2ku relative, kept as -log(1-eps).

The module stands outside `softcert_oracle.limits`, because that package loads the reference with Arb: the process of a
subject knows the contract, and must not load the truth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from softcert_oracle import operations
from softcert_oracle.errors import UsageError, shown, unknown
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
    "logaddexp",
    "online",
)
"""Algorithms that have a row of their own; an operation for which the named one has none keeps the default row."""

ULP_BOUND = 8192.0
"""The largest exp_ulp, log_ulp and div_ulp in float32 and float64: what OpenCL's half_exp, half_log and half_divide may
be off by, the least that any standard asks of a float32 function (OpenCL C 3.0, section 7.4; there exp has 3 ulp, 4 in
the embedded profile, and a division 2.5). CUDA's __expf has 2 + floor(1.173 |x|), at most 124 where exp does not
underflow, __fdividef 2 (CUDA C++ Programming Guide, "Intrinsic Functions"); vectorised libms promise 4."""

NARROW_ULP_BOUND = 4.0
"""The same in formats below 32 bits. Hardware has about 1 ulp there (PTX, ex2.approx: a relative error of 2^-9.9 in
float16 and 2^-7 in bfloat16), OpenCL asks for 2 of exp and log in half precision, and 3 in the embedded profile."""

DEPTH_BOUND = 2**31 - 1
"""The largest depth of a sum: array libraries count the classes of a row in 32 bits, and no tree is deeper."""


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
    saturates
        Whether a result that overflows is the largest number of its format, instead of an infinity (in float8_e4m3fn:
        instead of NaN or that number).

    Raises
    ------
    UsageError
        For a value from which no limit can be derived, and for a claim that is looser than any hardware or library.

    Notes
    -----
    The bounds on ulp are `ULP_BOUND` and `NARROW_ULP_BOUND`. A format that is claimed has at least half the bits of the
    one that it stands in for (of the logits' for ``working_precision`` and ``saved_format``, of the working precision
    for ``sum_format``): devices compute float64 in float32 and float32 in 16 bits, never in less. In 8 bits nothing
    computes but code whose logits are of that very format.

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
    saturates: bool = False

    def __post_init__(self) -> None:
        own = _format("format", self.format)
        working = self.working_precision or ("float32" if own.bits < 32 else own.name)
        for name, default in (
            ("working_precision", working),
            ("sum_format", working),
            ("saved_format", working),
            ("result_format", own.name),
        ):
            object.__setattr__(self, name, _format(name, getattr(self, name) or default).name)
        if self.algorithm not in ALGORITHMS:
            raise unknown("algorithm", self.algorithm, ALGORITHMS)
        if self.reduction not in operations.REDUCTIONS:
            raise unknown("reduction", self.reduction, operations.REDUCTIONS)
        for name in ("flush_subnormals", "saturates"):
            if not isinstance(getattr(self, name), bool):
                raise UsageError(f"{name}={shown(getattr(self, name))}: give True or False.")
        _check_depth(self.summation)
        self._check_formats(own)
        self._check_ulps()

    def _check_formats(self, own: Format) -> None:
        """Refuse formats that are narrower than what any device computes in."""
        working = formats.lookup(self.working_precision)
        for name, wide, what in (
            ("working_precision", own, "the logits"),
            ("saved_format", own, "the logits"),
            ("sum_format", working, "the working precision"),
        ):
            narrow = formats.lookup(getattr(self, name))
            least = max(wide.bits // 2, 8 if wide.bits == 8 or name == "saved_format" else 16)
            if narrow.bits < least:
                raise UsageError(
                    f"{name}={narrow.name!r}: no hardware goes from {wide.name}, the format of {what}, to "
                    f"{narrow.bits} bits. Give a format of at least {least} bits."
                )

    def _check_ulps(self) -> None:
        """Refuse errors that are larger than those of any hardware or library."""
        narrow = formats.lookup(self.working_precision).bits < 32
        bound = NARROW_ULP_BOUND if narrow else ULP_BOUND
        least_exact = "hardware and libraries keep 4 ulp below 32 bits" if narrow else "OpenCL's half_exp may have that"
        for name in ("exp_ulp", "log_ulp", "div_ulp"):
            error = getattr(self, name)
            if isinstance(error, bool) or not isinstance(error, int | float) or not error > 0:
                raise UsageError(f"{name}={shown(error)}: give a positive number of ulp, at most {bound:g}.")
            if error > bound:
                raise UsageError(
                    f"{name}={shown(error)}: give at most {bound:g} ulp of {self.working_precision}: {least_exact}, "
                    "and no function has more. What is less exact computes in a narrower format: state "
                    "working_precision."
                )

    @cached_property
    def result(self) -> Format:
        """The format of the result, which saturates if that is claimed."""
        return replace(formats.lookup(self.result_format), saturates=self.saturates)

    @cached_property
    def arithmetic(self) -> Arithmetic:
        """The constants of the working precision."""
        return Arithmetic(self)


def _format(field: str, name: object) -> Format:
    if not isinstance(name, str):
        raise UsageError(f"{field}={shown(name)}: give the name of a format: {', '.join(formats.FORMATS)}.")
    return formats.lookup(name)


def _check_depth(summation: object) -> None:
    if isinstance(summation, str) and summation in ("any", "pairwise"):
        return
    whole = isinstance(summation, int) and not isinstance(summation, bool)
    if not (whole and 0 < summation <= DEPTH_BOUND):  # type: ignore[operator] # a whole number
        raise UsageError(
            f"summation={shown(summation)}: give 'any', 'pairwise' or a depth of at least 1 and at most {DEPTH_BOUND}."
        )


class Arithmetic:
    """The constants that a limit is made of, for one set of parameters (see the module's text).

    ``half`` and ``half_result`` are eta/2 of the working and the result's format, ``underflow`` the error of an
    exponential that underflows gradually, ``omega`` that of a term of a sum, which may be flushed to zero as well.
    ``flushed`` is the number below which a result may be flushed, None where the contract does not flush.
    """

    def __init__(self, p: LimitParameters) -> None:
        self.format: Format = formats.lookup(p.format)
        self.working: Format = formats.lookup(p.working_precision)
        self.result: Format = p.result
        self.u = self.working.unit_roundoff
        self.rounding = float(np.log1p(self.u))
        self.exp = _logarithmic(2.0 * p.exp_ulp * self.u)
        self.log = 2.0 * p.log_ulp * self.u
        self.division = self.rounding if p.div_ulp <= 0.5 else _logarithmic(2.0 * p.div_ulp * self.u)
        self.log_smallest_normal = self.working.emin * float(np.log(2.0))
        self.half = Scaled.of(0.5, self.working.quantum_exponent)
        self.underflow = Scaled.of(max(p.exp_ulp, 0.5), self.working.quantum_exponent)
        self.omega = Scaled.of(1.0, self.working.emin) if p.flush_subnormals else self.underflow
        self.half_result = Scaled.of(0.5, self.result.quantum_exponent)
        self.narrow_result = _narrower(self.result, self.working)
        smallest = max(self.working.emin, self.result.emin if self.narrow_result else self.working.emin)
        self.flushed = Scaled.of(1.0, smallest) if p.flush_subnormals else None
        kept = formats.lookup(p.sum_format)
        self.kept_log = kept.unit_roundoff if kept.precision < self.working.precision else 0.0
        self.saved: Format | None = _if_narrower(formats.lookup(p.saved_format), self.working)
        self.narrow_input = _narrower(self.working, self.format)


def _logarithmic(relative: float) -> float:
    """-log(1 - eps): bounds |log(1 + delta)| for every |delta| <= eps; infinite where nothing is known."""
    return float(-np.log1p(-relative)) if relative < 1.0 else np.inf


def _narrower(a: Format, b: Format) -> bool:
    """Whether rounding from b to a loses anything: fewer bits, or a smaller range."""
    return a.precision < b.precision or a.emin > b.emin or a.emax < b.emax


def _if_narrower(a: Format, b: Format) -> Format | None:
    return a if _narrower(a, b) else None
