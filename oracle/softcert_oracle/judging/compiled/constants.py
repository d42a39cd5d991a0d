"""Contract and format as plain numbers for the kernel: one compiled version serves every format.

What is smaller than float64 can hold (half a subnormal float64) is given twice: in units of 1 and of 2^-600. The kernel
works in the second where the exact value is below 2^-850 (`softcert_oracle.judging.compiled.comparison`).
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits import concentration, sound
from softcert_oracle.limits.named import constant_error
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format
from softcert_oracle.numbers.scaled import Scaled

SOFTMAX, LOG_SOFTMAX, LOGSUMEXP, LOSS, GRADIENT = range(5)
"""The operations, in the order of `OPERATIONS`."""
OPERATIONS = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad")

UNIT_EXPONENT = 600
UNITS = (1.0, 2.0**UNIT_EXPONENT)
"""How many of each unit make 1."""

NONE, QUOTIENT, EXPONENTIAL_OF_DIFFERENCE, EXPONENTIAL_OF_LOG = range(4)
"""Forms in which a named algorithm computes probabilities."""
FROM_SUM, FROM_LSE, FROM_LOG1P, FROM_BASE_2 = 1, 2, 3, 4
"""Forms in which it computes log-probabilities; `FROM_SUM` and `FROM_LOG1P` for log-sum-exp too."""

_PROBABILITY_FORMS = {
    "shift-divide": QUOTIENT,
    "reciprocal": QUOTIENT,
    "base-2": QUOTIENT,
    "base-2-fma": QUOTIENT,
    "exp(x-lse)": EXPONENTIAL_OF_DIFFERENCE,
    "exp(log_softmax)": EXPONENTIAL_OF_LOG,
}
_LOG_FORMS = {"x-m-L": FROM_SUM, "lse-x": FROM_LSE, "log1p": FROM_LOG1P, "base-2": FROM_BASE_2}
_SHIFTED_FORMS = {"lse": FROM_SUM, "lse-x": FROM_SUM, "x-m-L": FROM_SUM, "log1p": FROM_LOG1P}
_LOG2_E = Fraction("1.44269504088896340735992468100189213742664595415298593413544940693")
_LN_2 = Fraction("0.693147180559945309417232121458176568075500134360255254120680009493")

_INTEGERS = (
    ("operation", "place in `OPERATIONS`"),
    ("mean", "whether the losses are averaged"),
    ("reduced", "whether a case has one number: the mean or sum of its losses"),
    ("precision", "of the result's format"),
    ("emin", "of the result's format"),
    ("has_infinity", "what overflows is infinite; elsewhere the specification decides what it may be"),
    ("flush", ""),
    ("narrow_input", ""),
    ("online", ""),
    ("logaddexp", "whether level sound counts the levels of a chain"),
    ("narrow_result", ""),
    ("saved", "whether log-probabilities are saved in a narrower format"),
    ("named", "form of the named algorithm; 0 for none"),
)
_FLOATS = (
    ("largest", "of the result's format"),
    ("overflow", "(2 - u) 2^emax, infinite in float64"),
    ("beyond", "2^(emax + 1), what an infinity stands for"),
    ("visible_relative", "2 u of the result"),
    ("visible_absolute", "its smallest subnormal number"),
    ("u", "of the working precision, as all that follow"),
    ("rounding", "log(1 + u)"),
    ("exp", "-log(1 - eps_e)"),
    ("log", "eps_l and the rounding of a log that is kept in the sum's format"),
    ("eps_log", ""),
    ("kept_log", ""),
    ("division", ""),
    ("displaced", "log(1 + u) for each rounding of level sound"),
    ("threshold", "|d| from which e^d may underflow"),
    ("normal_distance", "|d| below which it cannot"),
    ("zero_distance", "|d| from which e^d is 0"),
    ("ones", "how many ones a sum holds exactly"),
    ("lazy_furthest", "how far below the maximum a shift may stay"),
    ("lazy_slope", "what it costs for each unit of that"),
    ("u_result", ""),
    ("u_saved", ""),
    ("gradient_grown", "relative error of the division by the number of rows"),
    ("named_distance", "errors of the named algorithm's terms: per |d|, in u"),
    ("named_at_maximum", ""),
    ("named_common", "u^2, if |m| u^2 is common to all terms"),
    ("named_roundings", ""),
    ("named_constant", "relative error of log2 e"),
    ("named_second", "relative error of ln 2"),
)
_PAIRS = ("below_normal", "omega", "underflow", "half", "half_result", "half_saved", "flushed")
"""2N, omega, k_e eta, eta/2 of the working, the result's and the saved format, what may be flushed; with
``_scaled`` in units of 2^-600."""

CONTRACT = np.dtype(
    [(name, np.int64) for name, _ in _INTEGERS]
    + [(name, np.float64) for name, _ in _FLOATS]
    + [(name + suffix, np.float64) for name in _PAIRS for suffix in ("", "_scaled")]
)
"""The scalars of one contract, as a record that the kernel gets by its address."""


def constants(operation: str, p: LimitParameters) -> NDArray[np.void]:
    """The `CONTRACT` of an operation, an array of one."""
    a = p.arithmetic
    result = a.result
    number = OPERATIONS.index(operation)
    labelled = operation.startswith("cross_entropy")
    saved = a.saved if labelled else None
    half_saved = Scaled.of(0.5, saved.quantum_exponent) if saved else Scaled.of(0.0)
    upstream = 2.0 * float(np.log1p(saved.unit_roundoff)) if saved else 0.0
    first = constant_error(_LOG2_E, a.working)
    normal = concentration.normal_distance(p)
    named, distance, at_maximum, common = _named(number, p, first)
    values: dict[str, float] = dict(
        operation=number,
        mean=labelled and p.reduction == "mean",
        reduced=operation == "cross_entropy" and p.reduction != "none",
        precision=result.precision,
        emin=result.emin,
        largest=result.largest,
        overflow=_power(result.emax, 2.0 - result.unit_roundoff) if result.emax < 1023 else np.inf,
        beyond=_power(result.emax + 1),
        has_infinity=result.has_infinity and not result.saturates,
        visible_relative=2.0 * result.unit_roundoff,
        visible_absolute=result.smallest_subnormal,
        u=a.u,
        rounding=a.rounding,
        exp=a.exp,
        log=a.log + a.kept_log * (1.0 + a.log),
        eps_log=a.log,
        kept_log=a.kept_log,
        division=a.division,
        displaced=a.rounding * (1.0 if p.algorithm == "logaddexp" else sound.ROUNDINGS),
        threshold=-a.log_smallest_normal * (1.0 - 4.0 * a.u) - a.exp if p.flush_subnormals else normal,
        normal_distance=normal,
        zero_distance=concentration.zero_distance(p),
        ones=2.0 ** min(a.working.precision, formats.lookup(p.sum_format).precision),
        lazy_furthest=concentration.LAZY,
        lazy_slope=6.0 * a.u + a.log,
        **_pair("below_normal", Scaled.of(1.0, a.working.emin + 1)),
        **_pair("omega", a.omega),
        **_pair("underflow", a.underflow),
        **_pair("flushed", Scaled.of(0.0) if a.flushed is None else a.flushed),
        **_pair("half", a.half),
        flush=p.flush_subnormals,
        narrow_input=a.narrow_input,
        online=p.algorithm == "online",
        logaddexp=p.algorithm == "logaddexp",
        narrow_result=a.narrow_result,
        u_result=result.unit_roundoff,
        **_pair("half_result", a.half_result),
        saved=saved is not None,
        u_saved=saved.unit_roundoff if saved else 0.0,
        **_pair("half_saved", half_saved),
        gradient_grown=float(np.expm1(2.0 * a.rounding + a.division + upstream)),
        named=named,
        named_distance=distance,
        named_at_maximum=at_maximum,
        named_common=common,
        named_roundings=a.division + (a.rounding if p.algorithm == "reciprocal" else 0.0),
        named_constant=first,
        named_second=constant_error(_LN_2, a.working),
    )
    record = np.zeros(1, CONTRACT)
    for name, value in values.items():
        record[name] = value
    return record


def _named(operation: int, p: LimitParameters, constant: float) -> tuple[int, float, float, float]:
    """The form of the named algorithm (0 for none), and its sum: per distance in u, at the maximum, common u^2 |m|."""
    a = p.arithmetic
    if operation in (SOFTMAX, GRADIENT):
        form = _PROBABILITY_FORMS.get(p.algorithm, NONE)
    else:
        form = (_SHIFTED_FORMS if operation == LOGSUMEXP else _LOG_FORMS).get(p.algorithm, NONE)
    if p.algorithm == "base-2":
        return form, 2.0 + constant / a.u, 0.0, 0.0
    if p.algorithm == "base-2-fma":
        return form, 1.0 + constant / a.u, a.exp, a.u * a.u
    return form, 1.0, 0.0, 0.0


def _pair(name: str, tiny: Scaled) -> dict[str, float]:
    """A number in units of 1 and of 2^-600."""
    scaled = tiny * Scaled.of(1.0, UNIT_EXPONENT)
    return {name: float(tiny.to_float()), f"{name}_scaled": float(scaled.to_float())}


def _power(exponent: int, significand: float = 1.0) -> float:
    with np.errstate(over="ignore"):
        return float(np.ldexp(significand, exponent))


def result_format(p: LimitParameters) -> Format:
    """The format in which results are judged."""
    return p.result
