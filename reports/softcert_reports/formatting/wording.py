"""What a document says, in words a person would say; shared by the page, the log, the job summary and the badge."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import groupby

from softcert_reports.document import Cell, Counts, Document, Finding, Held, Subject
from softcert_reports.formatting.numbers import count, listed, plain, several, share
from softcert_reports.formatting.ranking import is_asked, rank

ABOVE = "above asked level"
"""The outcome that is shown for a failure above the level asked for; in the document it is a "fail"."""

LEVEL_MEANING = {
    "sound": "special values, shapes and structure are in order, and results are right for logits that are each "
    "moved by a few ulps of the largest",
    "stable": "every result lies within the error limit derived for any shift-invariant algorithm in the declared "
    "working precision",
    "accurate": "every component has a small relative error, log-probabilities and losses next to zero included",
    "faithful": "every result is one of the two floating-point numbers next to the truth",
}
OUTCOME_MEANING = {
    "pass": "every check held",
    "fail": "a check was violated: there is a finding",
    ABOVE: "not held, at a level above the one asked for",
    "expected fail": "violated, and the baseline says why that is expected",
    "undecided": "the error may lie on either side of the limit: never counted as held",
    "vacuous": "the limit would let a wrong answer pass, so nothing is claimed",
    "not run": "could not be tried, the reason is given",
}
GLYPHS = {
    "pass": "✓",
    "fail": "✗",
    ABOVE: "○",
    "expected fail": "⚑",
    "undecided": "?",
    "vacuous": "∅",
    "not run": "–",
}
VERDICT_GLYPHS = {"certified": "✓", "not certified": "✗", "inconclusive": "?", "harness error": "!", "not run": "–"}
EXIT_MEANING = {
    0: "every implementation holds the level asked for, or the baseline's exceptions are exactly met",
    1: "at least one implementation is not certified at the level asked for",
    2: "wrong use",
    3: "inconclusive or incomplete, and nothing worse",
}
SLACK = "slack"
"""The unit, in documents, of a violation that has no unit of its own."""
UNISOLATED = (
    "Not isolated: the implementation ran in the harness's own process, which it could change. "
    "This run proves nothing against a hostile implementation."
)


def shown_outcome(cell: Cell, document: Document) -> str:
    """The cell's outcome, or `ABOVE` for what fails only above the level that was asked for."""
    return ABOVE if cell.outcome == "fail" and not is_asked(cell.level, document) else cell.outcome


def headline(document: Document) -> str:
    """One sentence: how many implementations are certified, of how many, at which level."""
    total = len(document.subjects)
    if not total or not any(s.counts.checks for s in document.subjects):
        return "Nothing was certified: no check was made."
    good = [s for s in document.subjects if s.verdict == "certified"]
    level = document.asked_level
    if accepted(document):
        words = story(document)
        return f"{words[0].upper()}{words[1:]}."
    if len(good) == total:
        who = "The implementation is" if total == 1 else f"All {total} implementations are"
        return f"{who} certified at level “{level}”."
    if total == 1:
        return f"The implementation is {_verdict(document.subjects[0])} at level “{level}”."
    is_are = "is" if len(good) == 1 else "are"
    return f"{len(good) or 'None'} of {total} implementations {is_are} certified at level “{level}”."


def accepted(document: Document) -> bool:
    """Whether the run is green by its baseline alone: not everything is certified, exactly as the baseline says."""
    return document.exit_code == 0 and any(s.verdict != "certified" for s in document.subjects)


def story(document: Document) -> str:
    """The outcome of a run in a few words, the same in every output.

    Parameters
    ----------
    document
        The results of one run.

    Returns
    -------
    str
        Such as "certified at stable", "2 of 4 certified at stable", "as expected by the baseline: not certified at
        stable", "inconclusive", "harness error" or "incomplete".
    """
    verdicts = [s.verdict for s in document.subjects]
    good, level = verdicts.count("certified"), document.asked_level
    if not any(s.counts.checks for s in document.subjects):
        return "harness error" if "harness error" in verdicts else "not run: no check was made"
    if len(verdicts) > 1 and good < len(verdicts):
        words = f"{good} of {len(verdicts)} certified at {level}"
    elif verdicts[0] in ("certified", "not certified"):
        words = f"{verdicts[0]} at {level}"
    else:
        words = verdicts[0]
    if not document.complete:
        return f"{words}, incomplete"
    if document.exit_code == 3 and "not certified" not in verdicts and good < len(verdicts) > 1:
        return f"{words}, inconclusive"
    return f"as expected by the baseline: {words}" if accepted(document) else words


def excess(finding: Finding) -> str:
    """By how much a result is beyond its limit, in words; "" where the error is not a finite number.

    Errors have a unit (ulp). A violated relation has none: its size is a multiple of what rounding explains.
    """
    if finding.limit is None or finding.measured is None or finding.ratio is None or not math.isfinite(finding.ratio):
        return ""
    if finding.unit == SLACK:
        return f"{plain(finding.ratio)} times what rounding explains"
    error = f"error {plain(finding.measured)} {finding.unit} ({plain(finding.ratio)} times the limit)"
    return f"{plain(finding.limit)} {finding.unit}; {error}"


def behaviour(text: str) -> str:
    """What a diagnosis says that the subject does, without when it shows: "Returns the sum of the losses"."""
    does = re.sub(r"^Behaves like: ", "", text).split(" Trigger: ")[0].rstrip(".")
    return f"{does[:1].upper()}{does[1:]}"


def _verdict(subject: Subject) -> str:
    return {"harness error": "not judged: the harness failed", "not run": "not run"}.get(
        subject.verdict, subject.verdict
    )


def exceptions(document: Document) -> list[tuple[str, list[Subject]]]:
    """Subjects that are not certified, by verdict."""
    others = [s for s in document.subjects if s.verdict != "certified"]
    return [(v, list(group)) for v, group in groupby(sorted(others, key=lambda s: s.verdict), key=lambda s: s.verdict)]


def totals(document: Document) -> Counts:
    """The sums of all subjects' counts."""
    each = [s.counts for s in document.subjects]
    return Counts(**{f.name: sum(getattr(c, f.name) for c in each) for f in fields(Counts)})


def violations_above(document: Document, subject: str | None = None) -> int:
    """Violations at levels above the one asked for, of one subject or of all."""
    return sum(
        c.violations for c in document.cells if shown_outcome(c, document) == ABOVE and subject in (None, c.subject)
    )


def denominators(counts: Counts, above: int = 0) -> str:
    """What was done, and how it came out: every number with what it is a part of.

    ``above`` of the failed checks belong to levels above the one asked for.
    """
    if not counts.checks:
        return "No check was made."
    parts = [f"{count(counts.passed)} held ({share(counts.passed, counts.checks)})"]
    if failed := counts.failed - above:
        parts.append(f"{count(failed)} did not")
    if above:
        parts.append(f"{count(above)} did not at a level above the one asked for")
    if counts.undecided:
        parts.append(f"{count(counts.undecided)} could not be decided")
    if counts.vacuous:
        parts.append(f"{count(counts.vacuous)} had a limit too wide to mean anything and count for nothing")
    sentence = f"{several(counts.checks, 'check')} in {several(counts.calls, 'call')}: {listed(parts)}."
    if counts.not_run:
        sentence += f" {several(counts.not_run, 'entry', 'entries')} of the matrix could not be run."
    return sentence


def expectation(document: Document) -> str:
    """How the run compares with its baseline; "" without one."""
    base = document.baseline
    if base is None:
        return ""
    if not base.unexpected and not base.stale:
        return f"That is exactly what the baseline expects ({several(len(base.entries), 'known exception')})."
    parts = []
    if base.unexpected:
        parts.append(several(len(base.unexpected), "result differs", "results differ") + " from the baseline")
    if base.stale:
        parts.append(several(len(base.stale), "entry", "entries") + " of the baseline no longer hold")
    return f"{listed(parts)}.".capitalize()


def unisolated(document: Document) -> str:
    """What a run without isolation leaves open; "" for a run whose subjects had processes of their own."""
    return "" if document.isolation == "process" else UNISOLATED


def plain_data(value: object) -> str:
    """Plain data on one line without a programmer's brackets: ``float16: float32, float32: float32``."""
    if isinstance(value, Mapping):
        return ", ".join(f"{k}: {plain_data(v)}" for k, v in sorted(value.items()))
    if isinstance(value, list | tuple):
        return ", ".join(map(plain_data, value))
    if isinstance(value, float):
        power = math.frexp(value)
        return f"2^{power[1] - 1}" if power[0] == 0.5 and abs(power[1]) > 10 else f"{value:.6g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def levels(subject: Subject) -> list[tuple[str, list[tuple[str, Held]]]]:
    """The levels held, operations and formats in the subject's own order."""
    return [
        (operation, [(f, by_format[f]) for f in _ordered(by_format, subject.formats)])
        for operation in _ordered(subject.levels, subject.operations)
        for by_format in (subject.levels[operation],)
    ]


def _ordered(names: Iterable[str], order: Sequence[str]) -> list[str]:
    return sorted(names, key=lambda n: (order.index(n) if n in order else len(order), n))


def holds(subject: Subject) -> str:
    """What is held where: ``stable for all 5 operations in float32 and float64; ...``."""
    groups: dict[tuple[str, bool], dict[tuple[str, ...], list[str]]] = {}
    for operation, by_format in levels(subject):
        per: dict[tuple[str, bool], list[str]] = {}
        for format, held in by_format:
            per.setdefault((held.level or "no level", held.correctly_rounded), []).append(format)
        for key, formats in per.items():
            groups.setdefault(key, {}).setdefault(tuple(formats), []).append(operation)
    everything = tuple(subject.levels)
    texts = []
    for (level, exact), by in sorted(groups.items(), key=lambda item: (-rank(item[0][0]), not item[0][1])):
        word = "faithful, and correctly rounded" if exact else level
        for where, operations in by.items():
            what = f"all {len(everything)} operations" if len(operations) == len(everything) > 1 else listed(operations)
            texts.append(f"{word} for {what} in {listed(where)}")
    return "; ".join(texts)


def recipe(case: object) -> str:
    """A case's recipe on one line, regime first."""
    if not isinstance(case, dict):
        return ""
    left_out = {"recipe", "rows", *(("labels",) if "label_values" in case else ())}
    first = ["regime", "rows_count", "classes", "format", "layout", "labels", "state", "seed"]
    keys = [k for k in (*first, *sorted(k for k in case if k not in first)) if k in case and k not in left_out]
    return ", ".join(("" if k == "regime" else k.replace("_", " ") + " ") + plain_data(case[k]) for k in keys)
