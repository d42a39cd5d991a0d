"""The figures on blind sets and on mutants as text, and as plain data for a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from softcert.power.blind import BlindPower, BlindResult
from softcert.power.blind_sets import DEBATED, DEFECT, RIGHT
from softcert.power.mutants import CAUGHT, EQUIVALENT, ESCAPED, UNDECIDED, MutantPower, MutantResult


def blind(power: BlindPower) -> str:
    """For each set what was caught and refused, then every model whose verdict is not the expected one."""
    return "\n".join(_blind(power))


def _blind(power: BlindPower) -> Iterator[str]:
    yield f"softcert power, blind sets, effort {power.effort}, seed {power.seed}"
    for name in dict.fromkeys(r.set for r in power.results):
        yield ""
        yield from _blind_set(name, [r for r in power.results if r.set == name])


def _blind_set(name: str, results: Sequence[BlindResult]) -> Iterator[str]:
    defects, right, debated = ([r for r in results if r.expect == e] for e in (DEFECT, RIGHT, DEBATED))
    yield f"  set {name}"
    if defects:
        caught = sum(r.as_expected for r in defects)
        yield f"  defects caught: {caught} of {len(defects)} ({caught / len(defects):.0%})"
    for r in defects:
        if not r.as_expected:
            yield f"    MISSED {r.name} ({r.operation}, {r.format}): {r.verdict}; {r.why}"
    if right:
        yield f"  right implementations refused: {sum(not r.as_expected for r in right)} of {len(right)}"
    for r in right:
        if not r.as_expected:
            yield f"    REFUSED {r.name} ({r.operation}, {r.format}): {r.verdict}; {r.finding}"
    if debated:
        refused = sum(r.verdict == "not certified" for r in debated)
        yield f"  debated models: {refused} of {len(debated)} not certified"


def mutants(power: MutantPower) -> str:
    """One sentence that says it all, the score by kind of change, and every mutant that escaped or is undecided."""
    return "\n".join(_mutants(power))


def _mutants(power: MutantPower) -> Iterator[str]:
    counts, total = power.counts, len(power.results)
    yield f"softcert power, mutants, effort {power.effort}, seed {power.seed}"
    whose = f"of {power.subject}" if power.subject else "of the correct implementations"
    sampled = f" (drawn from {power.possible})" if total < power.possible else ""
    parts = [f"{counts[CAUGHT]} are caught", f"{counts[EQUIVALENT]} change nothing", f"{counts[ESCAPED]} escape"]
    parts += [f"{counts[UNDECIDED]} are undecided"] if counts[UNDECIDED] else []
    yield f"Of {total} mutants {whose}{sampled} {', '.join(parts)}."
    if power.unreached:
        yield f"{power.unreached} further changes lie in code that no operation reaches, and are not run."
    yield ""
    for kind, members in by_kind(power.results).items():
        found = Counter(r.outcome for r in members)
        defects = found[CAUGHT] + found[ESCAPED]
        yield f"  {found[CAUGHT]:4} of {defects:4} caught, {found[EQUIVALENT]:4} change nothing  {kind}"
    for title, outcome in (("ESCAPED", ESCAPED), ("UNDECIDED", UNDECIDED)):
        for kind, members in by_kind(power.having(outcome)).items():
            yield ""
            yield f"{title}, {kind}:"
            for r in members:
                yield from _mutant(r)
    if unchanged := power.having(EQUIVALENT):
        yield ""
        yield "change nothing on the whole pool:"
        yield from (f"  {_change(r)}" for r in unchanged)


def _mutant(result: MutantResult) -> Iterator[str]:
    yield f"  {_change(result)}"
    yield f"    {result.subject}, {result.operations}, {result.formats}: {result.shown}"
    if result.witness:
        yield f"    on {result.witness}"


def _change(result: MutantResult) -> str:
    return f"{result.file}:{result.line} in {result.function}: {result.before} -> {result.after}"


def by_kind(results: Iterable[MutantResult]) -> dict[str, list[MutantResult]]:
    """The mutants of each kind of change, kinds by name."""
    kinds: dict[str, list[MutantResult]] = {}
    for result in results:
        kinds.setdefault(result.kind, []).append(result)
    return dict(sorted(kinds.items()))


def blind_json(power: BlindPower) -> dict[str, Any]:
    """The figures on blind sets as plain data."""
    return {
        "kind": "softcert-power-blind",
        "effort": power.effort,
        "seed": power.seed,
        "results": [{**asdict(r), "as_expected": r.as_expected} for r in power.results],
        "passed": power.passed,
    }


def mutants_json(power: MutantPower) -> dict[str, Any]:
    """The figures on mutants as plain data."""
    return {
        "kind": "softcert-power-mutants",
        "subject": power.subject,
        "effort": power.effort,
        "seed": power.seed,
        "possible": power.possible,
        "unreached": power.unreached,
        "counts": power.counts,
        "mutants": [asdict(r) for r in power.results],
        "passed": power.passed,
    }
