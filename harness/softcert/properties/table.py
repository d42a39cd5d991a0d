"""The table of properties: statement, derivation, remedy. Checks, report and `softcert explain` all read it.

The rule for slack: a structural property may miss by the sum of the limits of the quantities in it, at the
level that is judged (docs/numerics.md, "Slack of the properties"). So a property never accuses an implementation
that is within its limits, and what it says when it fails is a name for what went wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from softcert_oracle import operations
from softcert_oracle.errors import unknown

BY_CLASS = ("softmax", "log_softmax", "cross_entropy_grad")
LEVELS = ("sound", "stable", "accurate", "faithful")
ACCURACY = {
    "sound": "sound_accuracy", "stable": "accuracy", "accurate": "relative_accuracy", "faithful": "faithful_rounding",
}  # fmt: skip
"""What accuracy is called at each level."""
EVERY = operations.CORE
_ALL = tuple(operations.OPERATIONS)


@dataclass(frozen=True)
class Property:
    """One statement about results. ``level``: the lowest level that asks for it."""

    name: str
    family: str
    operations: tuple[str, ...]
    statement: str
    derivation: str
    remedy: str
    level: str = "sound"


def _table(*entries: Property) -> Mapping[str, Property]:
    return MappingProxyType({e.name: e for e in entries})


PROPERTIES = _table(
    Property(
        "sound_accuracy", "accuracy", _ALL,
        "Each result is right for some logits that are each moved by at most delta, a few ulps of the largest.",
        "delta = (h + 3) u max|x|: what an algorithm loses that is not safe against a common offset. docs/numerics.md.",
        "Subtract the row's maximum, and keep sums in a format wide enough.",
    ),
    Property(
        "accuracy", "accuracy", _ALL,
        "Each result differs from the exact value by no more than the derived forward limit.",
        "Forward error analysis of every shift-invariant algorithm: docs/numerics.md.",
        "Subtract the row's maximum, keep sums in a format wide enough, and form log-probabilities as "
        "(x - max) - log(sum), not as log(softmax).",
        "stable",
    ),
    Property(
        "relative_accuracy", "accuracy", _ALL,
        "Each result has a small relative error, next to zero too.",
        "K u relative to the exact value, with no absolute term but underflow: docs/numerics.md.",
        "Use log1p of the sum of the others, and minus that sum for the true class's gradient.",
        "accurate",
    ),
    Property(
        "faithful_rounding", "accuracy", _ALL,
        "Each result is one of the two floating-point neighbours of the exact value.",
        "Decided by rounding the enclosure of the exact value down and up, never by comparing an error with 1 ulp.",
        "Compute in twice the precision and round once, as the bundled implementation 'faithful' does.",
        "faithful",
    ),
    Property(
        "finite", "robustness", _ALL,
        "No NaN, infinity or zero where the exact value is an ordinary number larger than the limit.",
        "An infinity or NaN is never within a limit of a finite number; a zero is not where the truth exceeds it.",
        "Subtract the row's maximum before exp; never take the log of a probability that can underflow.",
    ),
    Property(
        "special_values", "special values", _ALL,
        "Rows with -inf, +inf or NaN give the limit where it exists and NaN where it does not, as the contract says.",
        "Limits of the definition, proved with SymPy; the table stands in docs/numerics.md.",
        "Guard the shift: where the maximum is infinite, x - max is NaN. A masked class (-inf) must stay exactly 0.",
    ),
    Property(
        "sum_to_one", "probability", ("softmax",),
        "The probabilities of a row sum to one.",
        "The sum misses one by the sum of the errors, so by no more than the sum of the limits.",
        "Divide by the sum of the very exponentials that stand in the numerators, over the class axis.",
    ),
    Property(
        "range", "probability", ("softmax", "log_softmax"),
        "Probabilities lie in [0, 1], log-probabilities are not above 0.",
        "The exact value lies there; the result may leave the range by its limit. Below 0 a probability never falls.",
        "Look for a missing normalisation or a sum that lost terms.",
    ),
    Property(
        "order", "probability", ("softmax", "log_softmax"),
        "A larger logit never has the smaller probability.",
        "exp is increasing; two results may be out of order by their two limits.",
        "Look for classes that are treated differently: a vector tail, a block edge, a mask.",
    ),
    Property(
        "ties", "probability", ("softmax", "log_softmax"),
        "Equal logits have equal probabilities.",
        "The exact values are equal; two results may differ by their two limits.",
        "Look for classes that are treated differently: a vector tail, a block edge, a stale lane.",
    ),
    Property(
        "gradient_signs", "gradient", ("cross_entropy_grad",),
        "The true class's gradient is not above 0, every other is not below 0.",
        "p_y - 1 < 0 and p_j > 0. A sign is wrong beyond zero by more than the limit, or zero or opposite where the "
        "truth exceeds the limit.",
        "The gradient is p - t: probabilities with 1 subtracted at the label of each row.",
    ),
    Property(
        "gradient_sum", "gradient", ("cross_entropy_grad",),
        "The gradient of a row sums to zero.",
        "sum(p) = 1 = sum(t). The sum misses zero by no more than the sum of the limits.",
        "Subtract the one-hot target from a normalised softmax, once.",
    ),
    Property(
        "gradient_range", "gradient", ("cross_entropy_grad",),
        "Every component lies in [-1, 1] (divided by the number of rows for a mean).",
        "p and t lie in [0, 1]; the result may leave the range by its limit.",
        "Look for a missing normalisation, or a missing division by the number of rows.",
    ),
    Property(
        "gradient_differences", "gradient", ("cross_entropy_grad",),
        "The gradient agrees with central differences of the implementation's own loss.",
        "The third derivative of the loss along one logit is at most 1 / (6 sqrt 3), so the difference quotient is off "
        "by at most h^2 / (36 sqrt 3) plus the loss's limits over h.",
        "Loss and gradient belong to different functions: compare their reductions and their targets.",
    ),
    Property(
        "loss_sign", "loss", ("cross_entropy",),
        "The loss is not below zero.",
        "-log p >= 0; the result may fall below zero by its limit.",
        "A negative loss means that log was not taken, or that max and log-sum come from different roundings.",
    ),
    Property(
        "lse_bounds", "loss", ("logsumexp",),
        "max(x) <= logsumexp(x) <= max(x) + log C.",
        "The sum of exponentials lies between its largest term and C times it; the result may miss by its limit.",
        "Add the maximum back after the logarithm; sum every class once.",
    ),
    Property(
        "shift", "relations", EVERY,
        "Adding one number to all logits changes nothing (and adds it to logsumexp).",
        "e^c cancels. Where x + c is exact, two results differ by no more than their two limits.",
        "Subtract the row's own maximum.",
    ),
    Property(
        "permutation", "relations", EVERY,
        "Reordering the classes reorders the results and nothing else.",
        "The definition is symmetric; two results differ by no more than their two limits.",
        "Look for a position that is treated differently: a block edge, the tail, the first class.",
    ),
    Property(
        "padding", "relations", EVERY,
        "Classes of -inf added at the end change nothing.",
        "e^-inf = 0 adds nothing to the sum; two results differ by no more than their two limits.",
        "A mask must be -inf before the maximum is taken, and 0 after exp.",
    ),
    Property(
        "duplication", "relations", ("softmax", "log_softmax", "logsumexp"),
        "Doubling every class halves the probabilities (and adds log 2 to logsumexp).",
        "The sum doubles; two results differ by no more than their two limits.",
        "Look for a sum that stalls, overflows or leaves out classes.",
    ),
    Property(
        "batch_independence", "relations", ("softmax", "log_softmax", "logsumexp", "cross_entropy_grad"),
        "A row's result does not depend on the other rows.",
        "Rows share nothing but the reduction; two results differ by no more than their two limits.",
        "Take maximum and sum over the class axis only; index rows and labels together.",
    ),
    Property(
        "consistency", "relations", EVERY,
        "The operations agree: softmax = exp(log_softmax), log_softmax = x - logsumexp, loss = -log_softmax[label].",
        "Each pair's exact values are equal; the results differ by no more than the limits of both.",
        "One of the two is wrong: the accuracy of each says which.",
    ),
    Property(
        "completes", "hygiene", _ALL,
        "The call returns: no exception, crash, exit, hang or runaway memory.",
        "The input lies in the domain that the contract claims.",
        "The message and the case say what happened; narrow the contract's domain only if the case is not yours.",
    ),
    Property(
        "result_shape", "hygiene", _ALL,
        "The result has the shape that the operation defines.",
        "Table of operations.",
        "Reduce over the last axis only, and do not keep reduced axes.",
    ),
    Property(
        "result_format", "hygiene", _ALL,
        "The result has the input's format (or the contract's result_format).",
        "Signature of the operation.",
        "Cast back at the end, or declare result_format in the contract.",
    ),
    Property(
        "input_unchanged", "hygiene", _ALL,
        "The arguments are the same, bit for bit, after the call, and so is the memory around them.",
        "The caller still owns them.",
        "Work on a copy: x = x - max(x), not x -= max(x).",
    ),
    Property(
        "repeatable", "hygiene", _ALL,
        "The same call gives the same result: no state is kept, whatever was computed in between.",
        "Equal inputs have equal exact values; two results differ by no more than their two limits "
        "(bitwise where the contract promises repeatable=True).",
        "Look for buffers that are reused, caches keyed by shape or address, uninitialised memory, races.",
    ),
    Property(
        "layouts", "hygiene", _ALL,
        "The result depends on the values, not on how they lie in memory.",
        "Strides are the caller's choice; the same limits hold for every layout.",
        "Honour the strides, or copy to a contiguous array first.",
    ),
    Property(
        "invalid_labels", "hygiene", ("cross_entropy", "cross_entropy_grad"),
        "Labels outside 0 .. C-1 are refused, or give NaN, as the contract promises.",
        "The contract's invalid_labels.",
        "Check labels before indexing: -1 must not mean the last class.",
    ),
)  # fmt: skip


def named_by_level(property: str, level: str) -> str:
    """The property that a check speaks of: accuracy is one at each level."""
    return ACCURACY[level] if property == "accuracy" else property


def lookup(name: str) -> Property:
    """The property of that name; `UsageError` naming the nearest match otherwise."""
    if name not in PROPERTIES:
        raise unknown("property", name, PROPERTIES)
    return PROPERTIES[name]
