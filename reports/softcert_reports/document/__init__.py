"""The results document: its records, its file, its verdict, the difference of two, and the error for a refused one.

Names are imported when they are first used: building the records takes a tenth of a second, and most commands need few.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softcert_reports.document.contract_effect import ContractEffect as ContractEffect
    from softcert_reports.document.curves import Growth as Growth
    from softcert_reports.document.curves import Histogram as Histogram
    from softcert_reports.document.curves import Pairwise as Pairwise
    from softcert_reports.document.curves import Point as Point
    from softcert_reports.document.curves import Series as Series
    from softcert_reports.document.curves import Speed as Speed
    from softcert_reports.document.difference import Change as Change
    from softcert_reports.document.difference import Diff as Diff
    from softcert_reports.document.difference import diff as diff
    from softcert_reports.document.document import SCHEMA as SCHEMA
    from softcert_reports.document.document import Document as Document
    from softcert_reports.document.errors import DocumentError as DocumentError
    from softcert_reports.document.files import canonical as canonical
    from softcert_reports.document.files import digest as digest
    from softcert_reports.document.files import dumps as dumps
    from softcert_reports.document.files import from_json as from_json
    from softcert_reports.document.files import load as load
    from softcert_reports.document.files import loads as loads
    from softcert_reports.document.files import save as save
    from softcert_reports.document.files import to_json as to_json
    from softcert_reports.document.files import with_digest as with_digest
    from softcert_reports.document.ground_truth import Agreement as Agreement
    from softcert_reports.document.ground_truth import GroundTruth as GroundTruth
    from softcert_reports.document.ground_truth import Killed as Killed
    from softcert_reports.document.ground_truth import Peer as Peer
    from softcert_reports.document.ground_truth import Power as Power
    from softcert_reports.document.ground_truth import Proof as Proof
    from softcert_reports.document.levels import Level as Level
    from softcert_reports.document.records import OUTCOMES as OUTCOMES
    from softcert_reports.document.records import VERDICTS as VERDICTS
    from softcert_reports.document.records import AtLevel as AtLevel
    from softcert_reports.document.records import Baseline as Baseline
    from softcert_reports.document.records import BaselineEntry as BaselineEntry
    from softcert_reports.document.records import Basis as Basis
    from softcert_reports.document.records import Cell as Cell
    from softcert_reports.document.records import Corner as Corner
    from softcert_reports.document.records import Counts as Counts
    from softcert_reports.document.records import Coverage as Coverage
    from softcert_reports.document.records import Crossings as Crossings
    from softcert_reports.document.records import Diagnosis as Diagnosis
    from softcert_reports.document.records import Domain as Domain
    from softcert_reports.document.records import Ending as Ending
    from softcert_reports.document.records import Finding as Finding
    from softcert_reports.document.records import Held as Held
    from softcert_reports.document.records import Isolation as Isolation
    from softcert_reports.document.records import LeftOut as LeftOut
    from softcert_reports.document.records import LimitEntry as LimitEntry
    from softcert_reports.document.records import Number as Number
    from softcert_reports.document.records import Observation as Observation
    from softcert_reports.document.records import Outcome as Outcome
    from softcert_reports.document.records import Property as Property
    from softcert_reports.document.records import SpecialValue as SpecialValue
    from softcert_reports.document.records import Subject as Subject
    from softcert_reports.document.records import Unseen as Unseen
    from softcert_reports.document.records import Verdict as Verdict
    from softcert_reports.document.records import Witness as Witness
    from softcert_reports.document.verdicts.contradictions import contradictions as contradictions
    from softcert_reports.document.verdicts.derive import derive as derive

_HOMES = {
    "OUTCOMES": "records",
    "SCHEMA": "document",
    "VERDICTS": "records",
    "Agreement": "ground_truth",
    "AtLevel": "records",
    "Baseline": "records",
    "BaselineEntry": "records",
    "Basis": "records",
    "Cell": "records",
    "Change": "difference",
    "ContractEffect": "contract_effect",
    "Corner": "records",
    "Counts": "records",
    "Coverage": "records",
    "Crossings": "records",
    "Diagnosis": "records",
    "Diff": "difference",
    "Document": "document",
    "DocumentError": "errors",
    "Domain": "records",
    "Ending": "records",
    "Finding": "records",
    "GroundTruth": "ground_truth",
    "Growth": "curves",
    "Held": "records",
    "Histogram": "curves",
    "Isolation": "records",
    "Killed": "ground_truth",
    "LeftOut": "records",
    "Level": "levels",
    "LimitEntry": "records",
    "Number": "records",
    "Observation": "records",
    "Outcome": "records",
    "Pairwise": "curves",
    "Peer": "ground_truth",
    "Point": "curves",
    "Power": "ground_truth",
    "Proof": "ground_truth",
    "Property": "records",
    "Series": "curves",
    "SpecialValue": "records",
    "Speed": "curves",
    "Subject": "records",
    "Unseen": "records",
    "Verdict": "records",
    "Witness": "records",
    "canonical": "files",
    "contradictions": "verdicts.contradictions",
    "derive": "verdicts.derive",
    "diff": "difference",
    "digest": "files",
    "dumps": "files",
    "from_json": "files",
    "load": "files",
    "loads": "files",
    "save": "files",
    "to_json": "files",
    "with_digest": "files",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
