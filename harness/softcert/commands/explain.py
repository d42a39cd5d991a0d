"""``softcert explain``: the statement, the derivation and the remedy behind a name."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from softcert.properties.table import PROPERTIES
from softcert_oracle import operations
from softcert_oracle.errors import unknown
from softcert_oracle.levels import Level
from softcert_reports.formatting.wording import LEVEL_MEANING


def explanation(name: str) -> str:
    """The text behind the name of a property, level, operation or known defect; `UsageError` for anything else."""
    from softcert_implementations.gallery import DEFECTS

    defects = {d.name: d for d in DEFECTS}
    families = {d.family: d for d in DEFECTS}
    wanted = name.strip()
    if wanted == "proof":
        return _proof()
    if wanted in PROPERTIES:
        return _property(wanted)
    if wanted in tuple(Level):
        meaning = LEVEL_MEANING[wanted]
        return _paragraphs(f"level {wanted}", f"{meaning[0].upper()}{meaning[1:]}.", *_limits(lambda o, v: v == wanted))
    if wanted in operations.OPERATIONS:
        operation = operations.OPERATIONS[wanted]
        return _paragraphs(
            f"{wanted}: {operation.formula}", operation.summary + ".", *_limits(lambda o, v: o == wanted)
        )
    if wanted in defects:
        d = defects[wanted]
        return _paragraphs(
            f"defect {d.name} ({d.family}, {d.operation})",
            f"What it does: {d.behaves}.",
            f"Trigger: {d.trigger}.",
            f"Remedy: {d.remedy}",
            f"Reference: {d.reference}.",
            "Debated: some project wants it." if d.debated else "",
        )
    if wanted in families:
        members = [d.name for d in DEFECTS if d.family == wanted]
        return _paragraphs(f"family {wanted}", f"Remedy: {families[wanted].remedy}", f"Models: {', '.join(members)}.")
    raise unknown("name", name, ["proof", *PROPERTIES, *Level, *operations.OPERATIONS, *families, *defects])


def _proof() -> str:
    return _paragraphs(
        "proof: every input of a shape",
        "softcert prove runs every row of a shape (two classes in a 16-bit format are 2^32 rows) and holds every "
        "result against the exact value. What it says is about every one of these inputs. softcert certify runs chosen "
        "inputs, and its largest error is the largest one seen: a lower bound.",
        "Two classes: softmax depends on the difference of the logits alone, and rounds up where that passes a "
        "threshold, which Arb encloses. What the table leaves open, and every result that is not correctly rounded, "
        "goes to the judge that certify uses (docs/oracle.md).",
        "A proof is made of leaves: fixed ranges of rows with a digest each, of their results and their counts. "
        "Any sharing of the leaves among processes, machines and runs gives the same digests.",
        "It says nothing about another shape, other rows in a call, or other versions of the subject's libraries.",
    )


def _property(name: str) -> str:
    p = PROPERTIES[name]
    return _paragraphs(
        f"property {p.name} ({p.family}; level {p.level} and above)",
        p.statement,
        f"Why, and with what slack: {p.derivation}",
        f"If it fails: {p.remedy}",
        f"Checked for: {', '.join(p.operations)}.",
        *(_limits(lambda o, v: True) if name == "accuracy" else ()),
    )


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
