"""Documents that no run made, for tests of commands that must not wait for one."""

from __future__ import annotations

from dataclasses import replace

from softcert_reports import document as doc

HOSTILE = (
    "x\n::error::a",
    "::stop-commands::b",
    "c\r\n##[error]d",
    "##vso[task.complete]e",
    "\x1b[2J\x1b]0;f\x07",
    "\x9b31mg",
    "\u202eh\u2066",
    "\x85::error::i\u2028::error::j",
    "[bold]k[/]",
)
"""Names that would command a terminal or a CI system, or break a careless printer."""


def certified(*names: str) -> doc.Document:
    """A document in which every subject is certified."""
    subjects = tuple(
        doc.Subject(
            name=n, verdict="not run", spec=n, formats=("float32",), operations=("softmax",),
            levels={"softmax": {"float32": doc.Held(level=None)}}, counts=doc.Counts(calls=1),
        )
        for n in names
    )  # fmt: skip
    cells = tuple(_cell(n, name, level) for n in names for name, level in _ACCURACY)
    domains = tuple(doc.Domain(subject=n, operation="softmax", format="float32") for n in names)
    return doc.derive(
        doc.Document(
            title="t", created="2026-01-01T00:00:00+00:00", subjects=subjects, cells=cells, domains=domains,
        )
    )  # fmt: skip


_ACCURACY = (("sound_accuracy", "sound"), ("accuracy", "stable"))


def _cell(subject: str, name: str, level: str, violations: int = 0, findings: tuple[str, ...] = ()) -> doc.Cell:
    counted = doc.AtLevel(level=level, checks=1, violations=violations)
    return doc.Cell(
        subject=subject, operation="softmax", format="float32", property=name, outcome="not run",
        by_level=(counted,), findings=findings,
    )  # fmt: skip


def refused(good: doc.Document, finding: doc.Finding) -> doc.Document:
    """The document in which the one subject has this finding."""
    failing = _cell(finding.subject, finding.property, "sound", violations=1, findings=(finding.id,))
    return doc.derive(replace(good, cells=(*good.cells, failing), findings=(finding,)))


def hostile(word: str) -> doc.Document:
    """A document that says a word wherever a document can say anything."""
    good = certified(word)
    finding = doc.Finding(
        id=word, subject=word, operation="softmax", format="float32", property=word, level="sound", summary=word,
        expected_reason="", reproduction=word, snippet=word, unit=word,
        diagnosis=doc.Diagnosis(defect=word, text=word, family=word, confidence=word, remedy=word, reference=word),
    )  # fmt: skip
    subject = replace(
        good.subjects[0], reason=word, description=word, contract_deviations={word: word},
    )  # fmt: skip
    said = replace(
        good, title=word, subjects=(subject,), complete=False, incomplete_reason=word, command=word,
        environment={word: word}, versions={word: word},
    )  # fmt: skip
    return refused(said, finding)
