"""``softcert explain``: the statement, the derivation and the remedy behind a name."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from functools import partial

from softcert.properties.table import PROPERTIES
from softcert_oracle import operations
from softcert_oracle.errors import unknown
from softcert_oracle.levels import Level
from softcert_reports.formatting.numbers import listed, several
from softcert_reports.formatting.wording import LEVEL_MEANING

Texts = Mapping[str, Callable[[], str]]
"""From each name of a table to what makes its text."""


def explanation(name: str) -> str:
    """The text behind a name of any table that ``softcert list`` shows, or of a level or a family of defects.

    Parameters
    ----------
    name
        A property, level, operation, known defect or its family, regime, kind of input, implementation, effort, or
        axis of the crossings.

    Returns
    -------
    str
        A title and paragraphs.

    Raises
    ------
    UsageError
        For any other name; it suggests the nearest.
    """
    wanted = name.strip()
    known: list[str] = []
    for explain in _TABLES:
        texts = explain()
        if wanted in texts:
            return texts[wanted]()
        known += texts
    raise unknown("name", name, known)


def _properties() -> Texts:
    return {name: partial(_property, name) for name in PROPERTIES}


def _levels() -> Texts:
    def text(level: str) -> str:
        meaning = LEVEL_MEANING[level]
        return _paragraphs(f"level {level}", _sentence(meaning), *_limits(lambda o, v: v == level))

    return {str(level): partial(text, str(level)) for level in Level}


def _operations() -> Texts:
    def text(operation: operations.Operation) -> str:
        limits = _limits(lambda o, v: o == operation.name)
        return _paragraphs(f"{operation.name}: {operation.formula}", operation.summary + ".", *limits)

    return {name: partial(text, operation) for name, operation in operations.OPERATIONS.items()}


def _families() -> Texts:
    from softcert_implementations.gallery import DEFECTS

    def text(family: str) -> str:
        members = [d for d in DEFECTS if d.family == family]
        names = ", ".join(d.name for d in members)
        return _paragraphs(f"family {family}", f"Remedy: {members[0].remedy}", f"Models: {names}.")

    return {d.family: partial(text, d.family) for d in DEFECTS}


def _defects() -> Texts:
    from softcert_implementations.gallery import DEFECTS, Defect

    def text(d: Defect) -> str:
        return _paragraphs(
            f"defect {d.name} ({d.family}, {d.operation})",
            f"What it does: {d.behaves}.",
            f"Trigger: {d.trigger}.",
            f"Remedy: {d.remedy}",
            f"Reference: {d.reference}.",
            "Debated: some project wants it." if d.debated else "",
        )

    return {d.name: partial(text, d) for d in DEFECTS}


def _regimes() -> Texts:
    from softcert.cases.regimes.families import REGIMES, Regime

    def text(r: Regime) -> str:
        how = textwrap.dedent(r.make.__doc__ or "").strip().split("\n\n")[0]
        return _paragraphs(
            f"regime {r.name} (axis: {r.axis})", f"What it provokes: {r.provokes}.", " ".join(how.split())
        )

    return {name: partial(text, r) for name, r in REGIMES.items()}


def _kinds() -> Texts:
    from softcert.cases.claims.input_kinds import PROVOKES
    from softcert_implementations.contract_values import INPUT_KINDS

    def text(kind: str) -> str:
        named = listed([name for name, of in INPUT_KINDS.items() if kind in of], "or")
        return _paragraphs(
            f"kind of input {kind}",
            f"What it provokes: {PROVOKES[kind]}.",
            f"A contract claims it by input_kinds = [...] with {named}.",
            "What no contract claims is tried on a few small inputs, and a wrong answer is an observation.",
        )

    return {kind: partial(text, kind) for kind in PROVOKES}


def _implementations() -> Texts:
    from softcert_implementations.resolving import entry_points

    def text(name: str, where: str) -> str:
        return _paragraphs(
            f"implementation {name}",
            f"Registered in the entry-point group {entry_points.GROUP} as {where}.",
            f"Certify it: softcert certify {name}",
        )

    return {name: partial(text, name, point.value) for name, point in entry_points.registered().items()}


def _efforts() -> Texts:
    from softcert.cases.effort import EFFORTS, Effort

    def text(e: Effort) -> str:
        return _paragraphs(
            f"effort {e.name}",
            f"Each magnitude case is built from {several(e.seeds, 'seed')}; Hypothesis draws {e.hypothesis_examples} "
            f"cases; the search for the largest error takes {e.hill_climb_steps} steps; {e.relations} base cases of "
            f"the relations; a case of the crossings is worth at most {e.logits:,} logits.",
            "Long lists of sizes, positions and values are thinned out." if e.thin else "No list is thinned out.",
            "Which combinations of the axes meet: softcert list coverage",
        )

    return {name: partial(text, effort) for name, effort in EFFORTS.items()}


def _axes() -> Texts:
    from softcert.cases.crossing.usual import plain_spaces
    from softcert.cases.effort import EFFORTS
    from softcert_oracle.numbers import formats

    (space, *_) = plain_spaces(formats.lookup("float32"), EFFORTS["standard"], ("int32", "int64"), 0)

    def text(axis: str) -> str:
        return _paragraphs(
            f"axis {axis} of the crossings",
            f"Its values: {', '.join(space.axes[axis])}.",
            "Every pair of values of two axes meets in some case; beyond effort quick every triple of cheap axes too.",
        )

    return {axis: partial(text, axis) for axis in space.axes}


def _proofs() -> Texts:
    return {"proof": _proof}


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


_TABLES: tuple[Callable[[], Texts], ...] = (
    _properties,
    _proofs,
    _levels,
    _operations,
    _families,
    _defects,
    _regimes,
    _kinds,
    _implementations,
    _efforts,
    _axes,
)
"""What makes the texts of each table, loaded one after the other until the name is found."""


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


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _paragraphs(title: str, *texts: str) -> str:
    lines = [title, "=" * len(title)]
    for text in texts:
        if text:
            lines.append("")
            lines += [w for part in text.split("\n") for w in textwrap.wrap(part, 100, break_long_words=False)]
    return "\n".join(lines)
