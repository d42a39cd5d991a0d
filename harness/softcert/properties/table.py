"""The table of properties: statement, derivation, remedy. Checks, report and `softcert explain` all read it.

The rule for slack: a structural property may miss by the sum of the limits of the quantities in it, at the
level that is judged (docs/numerics.md, "Slack of the properties"). So no property fails for an implementation
that is within its limits, and a property that fails names what went wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from softcert_oracle import operations
from softcert_oracle.errors import unknown
from softcert_oracle.levels import Level

BY_CLASS = ("softmax", "log_softmax", "cross_entropy_grad")
ACCURACY = {
    Level.SOUND: "sound_accuracy",
    Level.STABLE: "accuracy",
    Level.ACCURATE: "relative_accuracy",
    Level.FAITHFUL: "faithful_rounding",
}
"""What accuracy is called at each level."""
EVERY = operations.CORE
_ALL = tuple(operations.OPERATIONS)


@dataclass(frozen=True, kw_only=True)
class Property:
    """One statement about results. ``level``: the lowest level that asks for it."""

    name: str
    family: str
    operations: tuple[str, ...]
    statement: str
    derivation: str
    remedy: str
    level: Level = Level.SOUND


_ENTRIES = (
    Property(
        name="sound_accuracy",
        family="accuracy",
        operations=_ALL,
        statement="Each result is right for some logits that are each moved by at most delta, a few ulps of the "
        "largest.",
        derivation="delta = 3u times log-sum-exp: what an algorithm loses that is not safe against a common offset. "
        "docs/numerics.md.",
        remedy="Subtract the row's maximum, and keep sums in a format wide enough.",
    ),
    Property(
        name="accuracy",
        family="accuracy",
        operations=_ALL,
        statement="Each result differs from the exact value by no more than the derived forward limit.",
        derivation="Forward error analysis of every shift-invariant algorithm: docs/numerics.md.",
        remedy="Subtract the row's maximum, keep sums in a format wide enough, and form log-probabilities as "
        "(x - max) - log(sum), not as log(softmax).",
        level=Level.STABLE,
    ),
    Property(
        name="relative_accuracy",
        family="accuracy",
        operations=_ALL,
        statement="Each result has a small relative error, next to zero too.",
        derivation="K u relative to the exact value, with no absolute term but underflow: docs/numerics.md.",
        remedy="Use log1p of the sum of the others, and minus that sum for the true class's gradient.",
        level=Level.ACCURATE,
    ),
    Property(
        name="faithful_rounding",
        family="accuracy",
        operations=_ALL,
        statement="Each result is one of the two floating-point neighbours of the exact value.",
        derivation="Decided by rounding the enclosure of the exact value down and up, never by comparing an error "
        "with 1 ulp.",
        remedy="Compute in twice the precision and round once, as the bundled implementation 'faithful' does.",
        level=Level.FAITHFUL,
    ),
    Property(
        name="finite",
        family="robustness",
        operations=_ALL,
        statement="No NaN, infinity or zero where the exact value is an ordinary number larger than the limit.",
        derivation="An infinity or NaN is never within a limit of a finite number; a zero is not where the truth "
        "exceeds it.",
        remedy="Subtract the row's maximum before exp; never take the log of a probability that can underflow.",
    ),
    Property(
        name="special_values",
        family="special values",
        operations=_ALL,
        statement="Rows with -inf, +inf or NaN give the limit where it exists and NaN where it does not, as the "
        "contract says.",
        derivation="Limits of the definition, proved with SymPy; the table stands in docs/numerics.md.",
        remedy="Guard the shift: where the maximum is infinite, x - max is NaN. A masked class (-inf) must stay "
        "exactly 0.",
    ),
    Property(
        name="sum_to_one",
        family="probability",
        operations=("softmax",),
        statement="The probabilities of a row sum to one.",
        derivation="The sum misses one by the sum of the errors, so by no more than the sum of the limits.",
        remedy="Divide by the sum of the very exponentials that stand in the numerators, over the class axis.",
    ),
    Property(
        name="range",
        family="probability",
        operations=("softmax", "log_softmax"),
        statement="Probabilities lie in [0, 1], log-probabilities are not above 0.",
        derivation="The exact value lies there; the result may leave the range by its limit. Below 0 a probability "
        "never falls.",
        remedy="Look for a missing normalisation or a sum that lost terms.",
    ),
    Property(
        name="order",
        family="probability",
        operations=("softmax", "log_softmax"),
        statement="A larger logit never has the smaller probability.",
        derivation="exp is increasing; two results may be out of order by their two limits.",
        remedy="Look for classes that are treated differently: a vector tail, a block edge, a mask.",
    ),
    Property(
        name="ties",
        family="probability",
        operations=("softmax", "log_softmax"),
        statement="Equal logits have equal probabilities.",
        derivation="The exact values are equal; two results may differ by their two limits.",
        remedy="Look for classes that are treated differently: a vector tail, a block edge, a stale lane.",
    ),
    Property(
        name="gradient_signs",
        family="gradient",
        operations=("cross_entropy_grad",),
        statement="The true class's gradient is not above 0, every other is not below 0.",
        derivation="p_y - 1 < 0 and p_j > 0. A sign is wrong beyond zero by more than the limit, or zero or opposite "
        "where the "
        "truth exceeds the limit.",
        remedy="The gradient is p - t: probabilities with 1 subtracted at the label of each row.",
    ),
    Property(
        name="gradient_sum",
        family="gradient",
        operations=("cross_entropy_grad",),
        statement="The gradient of a row sums to zero.",
        derivation="sum(p) = 1 = sum(t). The sum misses zero by no more than the sum of the limits.",
        remedy="Subtract the one-hot target from a normalised softmax, once.",
    ),
    Property(
        name="gradient_range",
        family="gradient",
        operations=("cross_entropy_grad",),
        statement="Every component lies in [-1, 1] (divided by the number of rows for a mean).",
        derivation="p and t lie in [0, 1]; the result may leave the range by its limit.",
        remedy="Look for a missing normalisation, or a missing division by the number of rows.",
    ),
    Property(
        name="gradient_differences",
        family="gradient",
        operations=("cross_entropy_grad",),
        statement="The gradient agrees with central differences of the implementation's own loss.",
        derivation="The third derivative of the loss along one logit is at most 1 / (6 sqrt 3), so the difference "
        "quotient is off "
        "by at most h^2 / (36 sqrt 3) plus the loss's limits over h.",
        remedy="Loss and gradient belong to different functions: compare their reductions and their targets.",
    ),
    Property(
        name="loss_sign",
        family="loss",
        operations=("cross_entropy",),
        statement="The loss is not below zero.",
        derivation="-log p >= 0; the result may fall below zero by its limit.",
        remedy="A negative loss means that log was not taken, or that max and log-sum come from different roundings.",
    ),
    Property(
        name="lse_bounds",
        family="loss",
        operations=("logsumexp",),
        statement="max(x) <= logsumexp(x) <= max(x) + log C.",
        derivation="The sum of exponentials lies between its largest term and C times it; the result may miss by its "
        "limit.",
        remedy="Add the maximum back after the logarithm; sum every class once.",
    ),
    Property(
        name="shift",
        family="relations",
        operations=EVERY,
        statement="Adding one number to all logits changes nothing (and adds it to logsumexp).",
        derivation="e^c cancels. Where x + c is exact, two results differ by no more than their two limits.",
        remedy="Subtract the row's own maximum.",
    ),
    Property(
        name="permutation",
        family="relations",
        operations=EVERY,
        statement="Reordering the classes reorders the results and nothing else.",
        derivation="The definition is symmetric; two results differ by no more than their two limits.",
        remedy="Look for a position that is treated differently: a block edge, the tail, the first class.",
    ),
    Property(
        name="padding",
        family="relations",
        operations=EVERY,
        statement="Classes of -inf added at the end change nothing.",
        derivation="e^-inf = 0 adds nothing to the sum; two results differ by no more than their two limits.",
        remedy="A mask must be -inf before the maximum is taken, and 0 after exp.",
    ),
    Property(
        name="duplication",
        family="relations",
        operations=("softmax", "log_softmax", "logsumexp"),
        statement="Doubling every class halves the probabilities (and adds log 2 to logsumexp).",
        derivation="The sum doubles; two results differ by no more than their two limits.",
        remedy="Look for a sum that stalls, overflows or leaves out classes.",
    ),
    Property(
        name="batch_independence",
        family="relations",
        operations=("softmax", "log_softmax", "logsumexp", "cross_entropy_grad"),
        statement="A row's result does not depend on the other rows.",
        derivation="Rows share nothing but the reduction; two results differ by no more than their two limits.",
        remedy="Take maximum and sum over the class axis only; index rows and labels together.",
    ),
    Property(
        name="consistency",
        family="relations",
        operations=EVERY,
        statement="The operations agree: softmax = exp(log_softmax), log_softmax = x - logsumexp, loss = "
        "-log_softmax[label].",
        derivation="Each pair's exact values are equal; the results differ by no more than the limits of both.",
        remedy="One of the two is wrong: the accuracy of each says which.",
    ),
    Property(
        name="completes",
        family="hygiene",
        operations=_ALL,
        statement="The call returns: no exception, crash, exit, hang or runaway memory.",
        derivation="The input lies in the domain that the contract claims.",
        remedy="The message and the case say what happened; narrow the contract's domain only if the case is not "
        "yours.",
    ),
    Property(
        name="result_shape",
        family="hygiene",
        operations=_ALL,
        statement="The result has the shape that the operation defines.",
        derivation="Table of operations.",
        remedy="Reduce over the last axis only, and do not keep reduced axes.",
    ),
    Property(
        name="result_format",
        family="hygiene",
        operations=_ALL,
        statement="The result has the input's format (or the contract's result_format).",
        derivation="Signature of the operation.",
        remedy="Cast back at the end, or declare result_format in the contract.",
    ),
    Property(
        name="input_unchanged",
        family="hygiene",
        operations=_ALL,
        statement="The arguments are the same, bit for bit, after the call, and so is the memory around them.",
        derivation="The caller still owns them.",
        remedy="Work on a copy: x = x - max(x), not x -= max(x).",
    ),
    Property(
        name="repeatable",
        family="hygiene",
        operations=_ALL,
        statement="The same call gives the same result: no state is kept, whatever was computed in between.",
        derivation="Equal inputs have equal exact values; two results differ by no more than their two limits "
        "(bitwise where the contract promises repeatable=True).",
        remedy="Look for buffers that are reused, caches keyed by shape or address, uninitialised memory, races.",
    ),
    Property(
        name="layouts",
        family="hygiene",
        operations=_ALL,
        statement="The result depends on the values, not on how they lie in memory.",
        derivation="Strides are the caller's choice; the same limits hold for every layout.",
        remedy="Honour the strides, or copy to a contiguous array first.",
    ),
    Property(
        name="invalid_labels",
        family="hygiene",
        operations=("cross_entropy", "cross_entropy_grad"),
        statement="Labels outside 0 .. C-1 are refused, or give NaN, as the contract promises.",
        derivation="The contract's invalid_labels.",
        remedy="Check labels before indexing: -1 must not mean the last class.",
    ),
)

PROPERTIES: Mapping[str, Property] = MappingProxyType({entry.name: entry for entry in _ENTRIES})
"""Every property by its name, in the order in which they are shown."""


def named_by_level(property_name: str, level: Level) -> str:
    """The name under which a check is shown: accuracy has another name at each level."""
    return ACCURACY[level] if property_name == "accuracy" else property_name


def lookup(name: str) -> Property:
    """The property of that name; `UsageError` naming the nearest match otherwise."""
    if name not in PROPERTIES:
        raise unknown("property", name, PROPERTIES)
    return PROPERTIES[name]
