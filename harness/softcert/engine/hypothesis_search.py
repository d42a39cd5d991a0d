"""Search by Hypothesis: all cases are drawn first, then the subject is called and judged on them in blocks.

What is drawn does not depend on a subject's answers; `softcert.engine.hill_climbing` does the climbing. Budgets are
counts; Hypothesis's own time limits and health checks are off, so a verdict never depends on the machine's speed. The
seed fixes every draw, and the example database is off: the same seed gives the same cases.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import HypothesisWarning
from hypothesis.internal.cache import LRUCache
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from softcert.cases import strategies
from softcert.cases.case import Case
from softcert.engine.judge import Judgement
from softcert.engine.session import Session
from softcert_oracle.levels import Level

BLOCK = 64
"""How many drawn cases are judged together; the search ends with the first block in which one fails."""


def explore(session: Session, *, examples: int, seed: int, level: Level) -> None:
    """Judge and record drawn cases, until one fails.

    Parameters
    ----------
    session
        Judges and records.
    examples
        How many cases are drawn; none for 0.
    seed
        Fixes every draw.
    level
        The level asked for: a case that fails at it, or at "sound", ends the search. Findings are shrunk later, by
        `softcert.findings.shrink`, so Hypothesis does not shrink here.
    """
    cases = draw(session.terms.format, examples, seed)
    for start in range(0, len(cases), BLOCK):
        admitted = (session.admit(case) for case in cases[start : start + BLOCK])
        judgements = session.run_block([inputs for inputs in admitted if not isinstance(inputs, str)])
        session.tally.domain.regimes.update(judgement.case.regime for judgement in judgements)
        if session.control.exhausted:
            return
        failing = next((judgement for judgement in judgements if _fails(judgement, level)), None)
        if failing is not None:
            if not _fails(session.run(failing.call.inputs), level):
                session.tally.observations["not repeatable", "a drawn case failed once and passed once"] += 1
            return


def _fails(judgement: Judgement, level: Level) -> bool:
    return any(check.failed and check.level in (Level.SOUND, level) for check in judgement.up_to(level))


@lru_cache(maxsize=4)  # the operations of a format get the same cases
def draw(format: str, examples: int, seed: int) -> tuple[Case, ...]:
    """Cases that Hypothesis draws, ``examples`` of them: the same for the same seed."""
    if examples <= 0:
        return ()
    drawn: list[Case] = []

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.seed(seed)
    @given(strategies.cases(format))
    def record(case: Case) -> None:
        drawn.append(case)

    with warnings.catch_warnings(), _without_constants_of_code():
        warnings.simplefilter("ignore", HypothesisWarning)
        record()
    return tuple(drawn)


@contextmanager
def _without_constants_of_code() -> Iterator[None]:
    """Hypothesis without the numbers that it finds in the source of the modules that happen to be loaded.

    It mixes them into its draws, so another way of installing, or a subject's own file, would give other cases for
    the same seed. Its public interface has no setting against that, so its internals are patched here;
    tests/harness/engine/test_hypothesis_search.py fails where a release of Hypothesis moves them.
    """
    if not hasattr(providers, "_get_local_constants"):  # releases before 6.131 look into no source
        yield
        return
    none = Constants()
    with (
        _replaced(providers, "_get_local_constants", lambda: none),
        _replaced(providers, "CONSTANTS_CACHE", LRUCache(1024)),
    ):
        yield


@contextmanager
def _replaced(module: Any, name: str, value: object) -> Iterator[None]:
    """Another value for a name of a module; `unittest.mock`, which does the same, takes asyncio along."""
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)
