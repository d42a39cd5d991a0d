"""The gate: from verdicts to an exit code, and expectations (the baseline) held against what was found.

0 every subject certified at the asked level, or exactly as the baseline says; 1 at least one is not; 2 usage;
3 inconclusive, incomplete or a failure of the harness, and nothing worse. A run that checked nothing is never 0.
"""

from __future__ import annotations

from dataclasses import replace

from softcert.results.baseline import Baseline
from softcert.results.expectations import compare
from softcert_reports import document as doc

OK, NOT_CERTIFIED, USAGE, INCONCLUSIVE = 0, 1, 2, 3


def decide(document: doc.Document, baseline: Baseline | None = None) -> doc.Document:
    """The document with its exit code, and with expected failures marked where a baseline is given."""
    if baseline is not None:
        document = compare(document, baseline)
    return replace(document, exit_code=exit_code(document))


def exit_code(document: doc.Document) -> int:
    """The exit code of a run, from its document alone."""
    checked = any(s.counts.checks for s in document.subjects)
    held_against = document.baseline
    if held_against is not None and (held_against.unexpected or held_against.stale):
        return NOT_CERTIFIED
    expected = {e.subject for e in held_against.entries} if held_against is not None else set()
    verdicts = [s.verdict for s in document.subjects if not (s.verdict == "not certified" and s.name in expected)]
    if any(v == "not certified" for v in verdicts):
        return NOT_CERTIFIED
    if not document.complete or not checked or any(v != "certified" for v in verdicts):
        return INCONCLUSIVE
    return OK
