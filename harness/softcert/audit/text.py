"""An audit in words: for the terminal, and the table of several presets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from softcert.audit.mending import ADVICE
from softcert.audit.outcome import Outcome
from softcert.audit.run import Audit
from softcert.tolerances.report import answer

_SHOWN = 8
_LARGEST = 4_000_000  # logits of the inputs from which a mended tolerance is derived


def text(found: Audit, *, mended: bool = True) -> str:
    """An audit in lines.

    Parameters
    ----------
    found
        The audit.
    mended
        Whether to derive the tolerance that would mend the check.
    """
    return "\n".join(_lines(found, mended))


def _lines(found: Audit, mended: bool) -> Iterator[str]:
    yield f"softcert audit {found.check}: {found.operation} in {found.format}, effort {found.effort}"
    yield ""
    for family, (killed, total) in found.families.items():
        yield f"  {killed:3} of {total:3} refused  {family}"
    yield ""
    yield f"wrong implementations refused: {found.killed} of {len(found.wrong)}"
    yield f"correct implementations refused: {len(found.refused)} of {len(found.correct)}"
    for o in found.refused[:_SHOWN]:
        yield f"  FALSE ALARM {o.name}: {o.why or o.how}"
    for o in found.broken[:1]:
        yield f"  THE CHECK COULD NOT BE RUN on {len(found.broken)} candidates: {o.why}"
    if found.survivors:
        yield from _survivors(found)
    yield f"sizes: {_sizes(found.shapes)}"
    if found.survivors and mended:
        yield from _mended(found)


def _survivors(found: Audit) -> Iterator[str]:
    most = found.survivors[0]
    yield f"most harmful that passes: {most.name} ({most.family}), which {most.behaves.rstrip('.')}"
    yield f"  largest error {size(most)}, on logits {most.error_shape}; on ordinary ones {ordinary(most)}"
    if most.remedy:
        yield f"  remedy of its author: {most.remedy}"
    constant = ", ".join(o.name for o in found.degenerate)
    yield f"zeros and constants: {constant + ' pass' if constant else 'none passes'}"
    for o in found.survivors[1:_SHOWN]:
        yield f"  passes: {o.name} ({o.family}), largest error {size(o)}"
    if len(found.survivors) > _SHOWN:
        yield f"  and {len(found.survivors) - _SHOWN} more; --json has all"


def size(o: Outcome) -> str:
    """The largest error of a survivor, in words where it is no number."""
    return _told(o.error)


def ordinary(o: Outcome) -> str:
    """The same on normal and uniform logits."""
    return _told(o.ordinary)


def _told(error: float) -> str:
    """An error relative to the largest number of the result, in words where it is no number."""
    return f"{error:.2g} of the largest number" if error < float("inf") else "no number where one is due"


def _sizes(shapes: Sequence[tuple[int, ...]]) -> str:
    shown = ", ".join(" x ".join(map(str, shape)) for shape in shapes[:_SHOWN])
    return f"{shown} and {len(shapes) - _SHOWN} more" if len(shapes) > _SHOWN else shown or "none: it calls nothing"


def _mended(found: Audit) -> Iterator[str]:
    by_limit = sum(o.by_limit for o in found.survivors)
    either = sum(o.by_limit or o.by_inputs for o in found.survivors)
    yield "what would mend it:"
    yield f"  the derived limit on the same inputs refuses {by_limit} of the {len(found.survivors)} that pass"
    for m, classes in [s for s in found.shapes if len(s) == 2 and s[0] * s[1] <= _LARGEST and s[1] > 1][-1:]:
        pair = answer(found.operation, found.format, classes, rows=min(m, 8)).own.pair
        yield f"    as a pair for {classes} classes: atol={pair.atol:g}, rtol={pair.rtol:g}"
    labels = ", labels" if found.operation.startswith("cross_entropy") else ""
    yield f"    softcert.testing.assert_within_limit(got, {found.operation!r}, x{labels})"
    yield f"  with these inputs beside it, {either} of {len(found.survivors)}: {ADVICE}"


def table(audits: Sequence[Audit], titles: Sequence[str]) -> str:
    """A table in Markdown: a row for each audit."""
    head = "| check | operation | format | wrong ones refused | correct ones refused | zeros or constants pass |"
    lines = [f"{head} most harmful that passes |", "|---|---|---|---|---|---|---|"]
    for found, title in zip(audits, titles, strict=True):
        most = found.survivors[0] if found.survivors else None
        worst = f"{most.name}, {size(most)}" if most else "none"
        constants = f"{len(found.degenerate)}" if found.degenerate else "no"
        lines.append(
            f"| {title} | {found.operation} | {found.format} | {found.killed} of {len(found.wrong)} | "
            f"{len(found.refused)} of {len(found.correct)} | {constants} | {worst} |"
        )
    return "\n".join(lines)
