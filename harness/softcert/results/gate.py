"""The gate: expectations (the baseline) held against what was found, and the exit code.

0 every subject certified at the asked level, or exactly as the baseline says; 1 at least one is not; 2 usage;
3 inconclusive, incomplete or a failure of the harness, and nothing worse. A run that checked nothing is never 0.
The rules themselves are `softcert_reports.document.verdicts`, which every reader of a document applies again.
"""

from __future__ import annotations

from dataclasses import replace

from softcert.results.baseline import Baseline
from softcert.results.expectations import recorded
from softcert_reports import document as doc
from softcert_reports.document.verdicts.derive import exit_code

__all__ = ["decide", "exit_code"]


def decide(document: doc.Document, baseline: Baseline | None = None) -> doc.Document:
    """The document with its exit code, and with expected failures marked where a baseline is given."""
    return doc.derive(document if baseline is None else replace(document, baseline=recorded(baseline)))
