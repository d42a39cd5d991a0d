"""One candidate in a judging process: loaded in a process of its own, judged on the task's cases, told in a record."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from softcert.assertions import cause
from softcert.assertions.comparison import compare
from softcert.assertions.given import given
from softcert.certification.certify import certify_until_failed
from softcert.certification.plan import Plan
from softcert.certification.result import Result
from softcert.executors import describe
from softcert.executors.nursery import AVAILABLE, Nursery
from softcert.executors.process import LoadError
from softcert.executors.protocol import AFTERWARDS, LAZY, OVERWRITTEN
from softcert.executors.worker_starters import environment
from softcert.expected.reference import ReferenceCache
from softcert.findings.collect import FindingEvidence
from softcert.graders.candidates import Given, UnusableError, subjects_of
from softcert.graders.verdict import CERTIFIED, FEEDBACK, INCONCLUSIVE, REFUTED, UNUSABLE, Verdict
from softcert_implementations.call_form import PLAIN_TEXT
from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level
from softcert_reports.formatting.sanitise import one_line

HARMLESS = frozenset(
    {"warning", "input kind", "not repeatable", "batch sum overflows", "batch_independence", "empty batch"}
)
"""Kinds of observations that honest implementations have too. Every other kind withholds the reward."""

_BY_KIND = {"library": "library called", LAZY: "lazy", OVERWRITTEN: "result overwritten"}
_BY_PROPERTY = {
    "input_unchanged": "input written",
    "repeatable": "nondeterministic",
    "batch_independence": "batch variant",
    "layouts": "layout ignored",
}
_BY_FAMILY = {
    "low-precision sum": "precision lowered",
    "precision lost": "precision lowered",
    "state between calls": "cached",
    "random result": "nondeterministic",
    "wrong function": "distribution exploit",
}
_STALE = "stale"
_ABSENT = "has no attribute"
_LOADED = 0.1
_MOST = 0.9


@dataclass(frozen=True, kw_only=True)
class Task:
    """A candidate with its task, as plain data.

    Attributes
    ----------
    number, candidate
        Which, and what.
    operation, format, level, arrays
        The task.
    contract
        The claims that every candidate is judged by.
    effort
        How many cases.
    seed
        The seed of the task's cases.
    commitment
        The seal's.
    explain
        Whether a refuted one is diagnosed.
    """

    number: int
    candidate: Given
    operation: str
    format: str
    level: str
    arrays: str | None
    contract: dict[str, Any]
    effort: str
    seed: int
    commitment: str
    explain: bool = True


@lru_cache(maxsize=1)
def _references() -> ReferenceCache:
    """The exact results of the task's cases, computed once in each judging process."""
    return ReferenceCache()


@lru_cache(maxsize=1)
def _nursery(arrays: str | None) -> Nursery | None:
    """What forks the processes of all candidates of this judging process.

    It has their array library loaded where the task names that: loading it would then be no sign of anything.
    """
    return Nursery(environment(), ("torch",) if arrays == "torch" else ()) if AVAILABLE else None


def run(task: Task) -> Verdict:
    """The verdict on a candidate. Never raises."""
    start = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory(prefix="softcert-judge-") as folder:
            known = _judged(task, Path(folder))
    except (UnusableError, UsageError, LoadError) as error:
        known = _unusable(error)
    except Exception as error:  # noqa: BLE001 (the judge's own failure is no verdict on the candidate)
        known = {
            "verdict": INCONCLUSIVE,
            "reward": 0,
            "shaped": 0.0,
            "stage": "load",
            "feedback": _short(f"the judge failed: {type(error).__name__}: {error}"),
        }
    return _verdict(task, known, time.perf_counter() - start)


def lost(task: Task, how: str) -> Verdict:
    """The verdict where the judging process was lost: too slow, or ended."""
    why = "it exceeded its time" if how == "late" else "the process that judged it ended"
    verdict = UNUSABLE if how == "late" else INCONCLUSIVE
    known = {"verdict": verdict, "reward": 0, "shaped": 0.0, "stage": "cases", "feedback": why}
    return _verdict(task, known, 0.0)


def _verdict(task: Task, known: dict[str, Any], seconds: float) -> Verdict:
    return Verdict(
        candidate=task.number,
        digest=task.candidate.digest,
        operation=task.operation,
        format=task.format,
        level=task.level,
        seconds=round(seconds, 4),
        commitment=task.commitment,
        **known,
    )


def _judged(task: Task, folder: Path) -> dict[str, Any]:
    described = _described(task, subjects_of(task.candidate, task.operation, folder))
    plan = Plan.of(task.effort, task.level, task.seed, ops=[task.operation])
    result = certify_until_failed(described, plan, references=_references())
    return _told(task, result)


def _described(task: Task, subjects: Sequence[Any]) -> Implementation:
    """The first of the subjects that exists."""
    for number, subject in enumerate(subjects, 1):
        try:
            return describe(
                subject,
                nursery=_nursery(task.arrays),
                op=task.operation,
                dtypes=(task.format,),
                batched=True,  # a batch is the task: what is right for single rows alone is wrong
                arrays=task.arrays,
                contract=Contract({"call": PLAIN_TEXT, **task.contract}),  # the task says how it is called
            )
        except UsageError as error:
            if number == len(subjects) or _ABSENT not in str(error):
                raise
    raise UnusableError(f"has no function: define {task.operation}")


def _told(task: Task, result: Result) -> dict[str, Any]:
    known = _numbers(result, task)
    if result.findings:
        return known | _refuted(task, result, known["flags"])
    if result.verdict == "certified":
        reward = 0 if known["flags"] else 1
        return known | {
            "verdict": CERTIFIED,
            "reward": reward,
            "shaped": 1.0 if reward else _LOADED,
            "stage": "complete",
            "feedback": "" if reward else _short(f"right on every case, but: {', '.join(known['flags'])}"),
        }
    return known | {
        "verdict": INCONCLUSIVE if result.verdict != "not certified" else REFUTED,
        "reward": 0,
        "shaped": _LOADED,
        "stage": "cases",
        "feedback": _short(result.why() or str(result.verdict)),
    }


def _numbers(result: Result, task: Task) -> dict[str, Any]:
    """The level held, and what was observed beside the numbers."""
    seen = [observation for unit in result.units for observation in unit.tally.observations]
    flags = [_BY_KIND.get(kind, kind) for kind, _ in seen if kind not in HARMLESS]
    flags += ["lazy" for kind, text in seen if kind == OVERWRITTEN and AFTERWARDS in text]
    held = result.level()
    return {"held": None if held is None else str(held), "flags": tuple(dict.fromkeys(flags))}


def _refuted(task: Task, result: Result, flags: tuple[str, ...]) -> dict[str, Any]:
    first = result.findings[0]
    behaves, family = _cause(task, first)
    more = [_BY_PROPERTY.get(first.property_name, ""), _BY_FAMILY.get(family, "")]
    more += ["cached"] if _STALE in first.cause else []
    text = f"{one_line(first.summary)}. {behaves}"
    return {
        "verdict": REFUTED,
        "reward": 0,
        "shaped": round(_share(result), 4),
        "stage": "cases",
        "worst": float(first.check.ratio) if first.check.ratio else None,
        "property": first.property_name,
        "witness": _witness(first),
        "cause": behaves,
        "feedback": _short(text),
        "flags": tuple(dict.fromkeys((*flags, *(m for m in more if m)))),
    }


def _cause(task: Task, first: FindingEvidence) -> tuple[str, str]:
    """What gives the same wrong result on the witness, with the remedy; and its family. Empty where nothing does."""
    output = first.output
    if not task.explain or output is None or output.call.has_options or output.inputs.exact.size == 0:
        return "", ""
    labels = output.expected.labels
    reduction = {"reduction": output.terms.reduction} if labels is not None else {}
    call = dataclasses.replace(
        given(task.operation, np.asarray(output.inputs.x), labels, None, reduction), terms=output.terms
    )
    level = Level.STABLE if task.level == Level.FAITHFUL else Level(task.level)
    known = cause.of(compare(call, (output.got,), level))
    if known is None:
        return "", ""
    return _short(f"Behaves like: {known.behaves.rstrip('.')}. {known.remedy}"), known.family


def _share(result: Result) -> float:
    """From 0.1 for what loads, to 0.9 where nearly every call before the finding held."""
    calls = max(1, result.calls)
    return _LOADED + (_MOST - _LOADED) * (1.0 - 1.0 / calls)


def _witness(found: FindingEvidence) -> dict[str, Any]:
    case, index = found.case, tuple(int(k) for k in found.check.index)
    witness: dict[str, Any] = {
        "regime": case.regime,
        "shape": [case.rows_count, case.classes],
        "layout": str(case.layout),
        "index": list(index),
    }
    output = found.output
    if output is not None and len(index) == output.got.ndim:
        witness["got"] = float(output.got[index]).hex()
        witness["exact"] = float(np.asarray(output.expected.exact.to_float())[index]).hex()
        if index:
            row = found.witness.call.inputs.exact[index[0]]
            witness["row"] = [float(v).hex() for v in row[:12]]
    return witness


def _unusable(error: Exception) -> dict[str, Any]:
    return {
        "verdict": UNUSABLE,
        "reward": 0,
        "shaped": 0.0,
        "stage": "load",
        "feedback": _short(f"{one_line(str(error))}"),
    }


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= FEEDBACK else f"{text[: FEEDBACK - 3]}..."
