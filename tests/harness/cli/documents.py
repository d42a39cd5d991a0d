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
        doc.Subject(name=n, verdict="certified", level="stable", spec=n, counts=doc.Counts(calls=1, checks=1, passed=1))
        for n in names
    )
    return doc.Document(title="t", created="2026-01-01T00:00:00+00:00", subjects=subjects, exit_code=0)


def hostile(word: str) -> doc.Document:
    """A document that says a word wherever a document can say anything."""
    good = certified(word)
    finding = doc.Finding(
        id=word, subject=word, operation="softmax", format="float32", property=word, level="sound", summary=word,
        expected_reason="", reproduction=word, snippet=word, unit=word,
        diagnosis=doc.Diagnosis(defect=word, text=word, family=word, confidence=word, remedy=word, reference=word),
    )  # fmt: skip
    subject = replace(
        good.subjects[0], verdict="not certified", level=None, reason=word, description=word,
        contract_deviations={word: word}, formats=("float32",), operations=("softmax",),
    )  # fmt: skip
    return replace(
        good, title=word, exit_code=1, subjects=(subject,), findings=(finding,), complete=False,
        incomplete_reason=word, command=word, environment={word: word}, versions={word: word},
    )  # fmt: skip
