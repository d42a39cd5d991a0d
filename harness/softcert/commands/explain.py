"""``softcert explain``: the statement, the derivation and the remedy behind a name."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from softcert.properties.table import LEVELS, PROPERTIES
from softcert_oracle import operations
from softcert_oracle.errors import unknown

_LEVEL_TEXTS = {
    "sound": "Hygiene, robustness, special values, structure, and right for logits that are each moved by a few ulps "
    "of the largest. What is only sound is right, but not safe against a large common offset.",
    "stable": "Within the derived forward limit of any shift-invariant algorithm in the declared working precision. "
    "The default gate.",
    "accurate": "A small relative error in every component, log-probabilities and losses next to zero and the true "
    "class's gradient included (needs log1p).",
    "faithful": "Every result is one of the two floating-point neighbours of the exact value; 'correctly rounded' "
    "where it is always the nearest.",
}


def explanation(name: str) -> str:
    """The text behind the name of a property, level, operation or known defect; `UsageError` for anything else."""
    from softcert_implementations.gallery import DEFECTS

    defects = {d.name: d for d in DEFECTS}
    families = {d.family: d for d in DEFECTS}
    wanted = name.strip()
    if wanted in PROPERTIES:
        return _property(wanted)
    if wanted in LEVELS:
        return _paragraphs(f"level {wanted}", _LEVEL_TEXTS[wanted], *_limits(lambda o, v: v == wanted))
    if wanted in operations.OPERATIONS:
        operation = operations.OPERATIONS[wanted]
        return _paragraphs(
            f"{wanted}: {operation.formula}", operation.summary + ".", *_limits(lambda o, v: o == wanted)
        )
    if wanted in defects:
        d = defects[wanted]
        return _paragraphs(
            f"defect {d.name} ({d.family}, {d.operation})", f"What it does: {d.behaves}.", f"Trigger: {d.trigger}.",
            f"Remedy: {d.remedy}", f"Reference: {d.reference}.", "Debated: some project wants it." if d.debated else "",
        )  # fmt: skip
    if wanted in families:
        members = [d.name for d in DEFECTS if d.family == wanted]
        return _paragraphs(f"family {wanted}", f"Remedy: {families[wanted].remedy}", f"Models: {', '.join(members)}.")
    raise unknown("name", name, [*PROPERTIES, *LEVELS, *operations.OPERATIONS, *families, *defects])


def _property(name: str) -> str:
    p = PROPERTIES[name]
    return _paragraphs(
        f"property {p.name} ({p.family}; level {p.level} and above)", p.statement,
        f"Why, and with what slack: {p.derivation}",
        f"If it fails: {p.remedy}", f"Checked for: {', '.join(p.operations)}.",
        *(_limits(lambda o, v: True) if name == "accuracy" else ()),
    )  # fmt: skip


def _limits(wanted: Callable[[str, str], bool]) -> tuple[str, ...]:
    from softcert_oracle.limits import formulas

    return tuple(
        f"{e.operation}, {e.level}{'' if e.algorithm == 'any' else f', {e.algorithm}'}: {e.formula}\n"
        f"{e.derivation} ({e.source})"
        for e in formulas.catalogue()
        if wanted(e.operation, e.level)
    )


def _paragraphs(title: str, *texts: str) -> str:
    lines = [title, "=" * len(title)]
    for text in texts:
        if text:
            lines.append("")
            lines += [w for part in text.split("\n") for w in textwrap.wrap(part, 100, break_long_words=False)]
    return "\n".join(lines)
