"""An audit in words: for the terminal, and the table of several presets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from softcert.audit.mending import ADVICE
from softcert.audit.outcome import Outcome
from softcert.audit.run import Audit
from softcert.tolerances.report import answer
from softcert_oracle import operations

_SHOWN = 8
_LARGEST = 4_000_000  # logits of the inputs from which a mended tolerance is derived


def text(found: Audit, *, mending: bool = True) -> str:
    """An audit in lines.

    Parameters
    ----------
    found
        The audit.
    mending
        Whether to derive the tolerance that would mend the check.
    """
    return "\n".join(_lines(found, mending))


def _lines(found: Audit, mending: bool) -> Iterator[str]:
    yield f"softcert audit {found.check}: {found.operation} in {found.format}, effort {found.effort}"
    yield ""
    for family, (killed, total) in found.families.items():
        yield f"  {killed:3} of {total:3} refused  {family}"
    yield ""
    yield f"wrong implementations refused: {found.killed} of {len(found.wrong)}"
    yield f"correct implementations refused: {len(found.refused)} of {len(found.correct)}"
    for o in found.refused[:_SHOWN]:
        yield f"  FALSE ALARM {o.name}: {o.why or o.how}"
    if found.unfinished:
        yield f"not finished in time, and not counted: {', '.join(o.name for o in found.unfinished)}"
    for o in found.broken[:1]:
        yield f"  THE CHECK COULD NOT BE RUN on {len(found.broken)} candidates: {o.why}"
    if found.survivors:
        yield from _survivors(found)
    yield f"sizes: {sizes(found.shapes)}"
    if found.survivors and mending:
        yield "what would mend it:"
        yield from mended(found)


def _survivors(found: Audit) -> Iterator[str]:
    most = found.survivors[0]
    yield f"most harmful that passes: {most.name} ({most.family}), which {most.behaves.rstrip('.')}"
    yield f"  largest error {size(most)}, on logits {most.error_shape}; on ordinary ones {ordinary(most)}"
    if most.remedy:
        yield f"  remedy of its author: {most.remedy}"
    yield f"zeros and constants: {constants(found)}"
    for o in found.survivors[1:_SHOWN]:
        yield f"  passes: {o.name} ({o.family}), largest error {size(o)}"
    if len(found.survivors) > _SHOWN:
        yield f"  and {len(found.survivors) - _SHOWN} more; --json has all"


def constants(found: Audit) -> str:
    """Which degenerate candidates pass."""
    names = ", ".join(o.name for o in found.degenerate)
    return f"{names} pass" if names else "none passes"


def size(o: Outcome) -> str:
    """The largest error of a survivor, in words where it is no number."""
    return _told(o.error)


def ordinary(o: Outcome) -> str:
    """The same on normal and uniform logits."""
    return _told(o.ordinary)


def _told(error: float) -> str:
    """An error relative to the largest number of the result, in words where it is no number."""
    return f"{error:.2g} of the largest number" if error < float("inf") else "no number where one is due"


def sizes(shapes: Sequence[tuple[int, ...]]) -> str:
    """The shapes that a check calls candidates with."""
    shown = ", ".join(" x ".join(map(str, shape)) for shape in shapes[:_SHOWN])
    return f"{shown} and {len(shapes) - _SHOWN} more" if len(shapes) > _SHOWN else shown or "none: it calls nothing"


def mended(found: Audit) -> Iterator[str]:
    """What would refuse the wrong implementations that pass, in lines."""
    by_limit = sum(o.by_limit for o in found.survivors)
    either = sum(o.by_limit or o.by_inputs for o in found.survivors)
    yield f"  the derived limit on the same inputs refuses {by_limit} of the {len(found.survivors)} that pass"
    for m, classes in [s for s in found.shapes if len(s) == 2 and s[0] * s[1] <= _LARGEST and s[1] > 1][-1:]:
        pair = answer(found.operation, found.format, classes, rows=min(m, 8)).own.pair
        yield f"    as a pair for {classes} classes: atol={pair.atol:g}, rtol={pair.rtol:g}"
    labels = ", labels" if found.operation.startswith("cross_entropy") else ""
    yield f"    softcert.testing.assert_within_limit(got, {found.operation!r}, x{labels})"
    yield f"  with these inputs beside it, {either} of {len(found.survivors)}: {ADVICE}"


def table(audits: Sequence[Audit], titles: Mapping[str, str]) -> str:
    """A table in Markdown: a row for each check and format, a column for each operation.

    Parameters
    ----------
    audits
        The audits, of any checks, operations and formats.
    titles
        What checks are called; any other stands by its own name.
    """
    columns = [o for o in operations.CORE if any(found.operation == o for found in audits)]
    heads = [
        "check",
        "format",
        *columns,
        "correct ones refused",
        "zeros or constants pass",
        "largest error that passes",
    ]
    rows: dict[tuple[str, str], dict[str, Audit]] = {}
    for found in audits:
        rows.setdefault((found.check, found.format), {})[found.operation] = found
    lines = [_row(heads), _row(["---"] * len(heads))]
    for (check, format), of in rows.items():
        counts = [f"{of[o].killed} of {len(of[o].wrong)}" if o in of else "" for o in columns]
        lines.append(_row([titles.get(check, check), format, *counts, *_summary(list(of.values()))]))
    return "\n".join(lines)


def _summary(audits: Sequence[Audit]) -> tuple[str, str, str]:
    """Correct ones refused, the operations in which zeros or constants pass, and the largest error that passes.

    The error is one on ordinary inputs, of a wrong implementation that gives numbers there, if any does.
    """
    refused, correct = sum(len(a.refused) for a in audits), sum(len(a.correct) for a in audits)
    constants = ", ".join(o for o in operations.CORE for a in audits if a.operation == o and a.degenerate)
    passing = [o for a in audits for o in a.survivors]
    numbers = [o for o in passing if 0 < o.ordinary < float("inf")] or passing
    first = min(numbers, key=lambda o: (-o.ordinary, -o.error, o.name), default=None)
    most = f"{first.name}: {ordinary(first)}" if first else "none"
    return f"{refused} of {correct}", constants or "none", most


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
