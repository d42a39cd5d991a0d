"""The answer of ``softcert tolerance``: measured once, as text and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from softcert.tolerances.derive import MARGIN, Pair, Sample, derived
from softcert.tolerances.inputs import draws
from softcert.tolerances.verdict import BELOW_ULP, NARROW, SENSIBLE, VACUOUS, Verdict, judge
from softcert_implementations.contract import Contract
from softcert_oracle import operations
from softcert_oracle.errors import UsageError

_SHOWN = 6


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """What follows for an operation on some inputs.

    Attributes
    ----------
    samples
        The inputs with exact results and limits.
    inputs
        The law, or the file.
    own
        The verdict on the derived pair.
    given
        The verdict on the pair that was asked about, or None.
    """

    samples: tuple[Sample, ...]
    inputs: str
    own: Verdict
    given: Verdict | None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        first = self.samples[0]
        return {
            "kind": "softcert-tolerance",
            "operation": first.operation,
            "format": first.parameters.format,
            "shape": list(first.draw.x.shape),
            "inputs": self.inputs,
            "level": first.level,
            "reduction": first.parameters.reduction,
            "formula": first.limit.formula,
            "derived": _plain(self.own),
            "given": None if self.given is None else _plain(self.given),
        }


def answer(
    operation: str,
    format: str,
    classes: int,
    *,
    rows: int = 8,
    inputs: str = "normal",
    contract: Path | None = None,
    level: str = "stable",
    pair: Pair | None = None,
) -> Answer:
    """The tolerance of an operation on inputs of a law, and the verdict on a pair.

    Parameters
    ----------
    operation, format
        Their names.
    classes, rows
        The size of the inputs.
    inputs
        "normal", "uniform", or a .npy or .npz file.
    contract
        A TOML file with claims.
    level
        The level whose limits count: "sound", "stable" or "accurate".
    pair
        Tolerances to be judged.

    Raises
    ------
    UsageError
        For names that are not in the tables, and for sizes below 1.
    """
    name = operations.lookup(operation).name
    if name not in operations.CORE:
        raise UsageError(f"operation={operation!r}: tolerances exist for {', '.join(operations.CORE)}.")
    for what, size in (("classes", classes), ("rows", rows)):
        if size < 1:
            raise UsageError(f"{what}={size}: give at least 1.")
    claimed = Contract() if contract is None else Contract.from_toml(contract)
    parameters = claimed.terms(name, format).limit_parameters
    samples = tuple(
        Sample(operation=name, draw=d, parameters=parameters, level=level) for d in draws(inputs, format, rows, classes)
    )
    own = derived(samples)
    return Answer(
        samples=samples,
        inputs=inputs,
        own=judge(samples, own),
        given=None if pair is None else judge(samples, pair),
    )


def text(found: Answer) -> str:
    """The answer in lines."""
    return "\n".join(_lines(found))


def _lines(found: Answer) -> Iterator[str]:
    first, pair = found.samples[0], found.own.pair
    m, classes = first.draw.x.shape
    labelled = operations.lookup(first.operation).takes_labels
    reduction = f", reduction {first.parameters.reduction}" if labelled else ""
    size = f"{m} rows of {classes} classes"
    yield f"{first.operation} in {first.parameters.format}, {size}, inputs {found.inputs}{reduction}"
    yield f"  derived  atol={pair.atol:g}, rtol={pair.rtol:g}: every honest implementation meets them"
    yield f"           torch.testing.assert_close(got, expected, atol={pair.atol:g}, rtol={pair.rtol:g})"
    yield f"  from     the limits of level {str(first.level)!r} on {len(found.samples)} draws, and the rounding of the"
    yield f"           reference, with a margin of {MARGIN:g} for other draws: {first.limit.formula}"
    labels = ", labels" if labelled else ""
    call = f"softcert.testing.assert_within_limit(got, {first.operation!r}, x{labels})"
    yield f"  sharper  {call}: a limit for each number"
    yield from _of(found.own, "the derived pair")
    if found.given is not None:
        yield from _of(found.given, f"atol={found.given.pair.atol:g}, rtol={found.given.pair.rtol:g}")


def _of(verdict: Verdict, what: str) -> Iterator[str]:
    yield f"  verdict  {what}: {verdict.kind}{_because(verdict)}"
    for wrong in verdict.passing[:_SHOWN]:
        yield f"           passes: {wrong.name}, which {wrong.behaves}"
        yield (
            f"             largest error {wrong.relative:.2g} relative, {wrong.ulps:.2g} ulp, "
            f"{wrong.limits:.2g} limits, {wrong.of_tolerance:.2g} of the tolerance"
        )
    if len(verdict.passing) > _SHOWN:
        yield f"           and {len(verdict.passing) - _SHOWN} more"
    if any(w.unseen for w in verdict.passing):
        yield (
            "           within the limits too: no tolerance tells them on these inputs. Add rows whose scale differs, "
            "and rows of few ordinary logits among -inf."
        )
    nearest = next((w for w in verdict.wrong if not w.passes), None)
    if nearest is not None and not verdict.passing:
        yield f"           the nearest wrong one: {nearest.name}, at {nearest.of_tolerance:.3g} of the tolerance"


def _because(verdict: Verdict) -> str:
    if verdict.kind == BELOW_ULP:
        return f" on {verdict.below_ulp:.0%} of the numbers: honest implementations fail"
    if verdict.kind == VACUOUS:
        return f": {len(verdict.passing)} wrong implementations pass"
    if verdict.kind == NARROW:
        return f" on {verdict.below_limit:.0%} of the numbers: some honest implementations may fail"
    assert verdict.kind == SENSIBLE
    return ": honest implementations pass, and nothing that computes no sum does"


def _plain(verdict: Verdict) -> dict[str, Any]:
    return {
        "atol": verdict.pair.atol,
        "rtol": verdict.pair.rtol,
        "verdict": verdict.kind,
        "below_ulp": verdict.below_ulp,
        "below_limit": verdict.below_limit,
        "wrong": [
            {
                "name": w.name,
                "passes": w.passes,
                "of_tolerance": w.of_tolerance,
                "relative": w.relative,
                "ulps": w.ulps,
                "limits": w.limits,
            }
            for w in verdict.wrong
        ],
    }
