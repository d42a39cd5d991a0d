"""Search by Hypothesis: draws cases and climbs on error/limit.

Budgets are counts; Hypothesis's own time limits and health checks are off, so a verdict never depends on the
machine's speed. The seed fixes every draw, and the example database is off: the same seed gives the same cases.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings, target
from hypothesis.errors import HypothesisWarning
from hypothesis.internal.cache import LRUCache
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from softcert.cases import strategies
from softcert.cases.case import Case
from softcert.engine.session import Session
from softcert.properties.check import INFINITE
from softcert_oracle.levels import Level


class _Falsified(Exception):  # noqa: N818 (ends the search; it is no error)
    """A drawn case fails at the asked level."""


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
    if examples <= 0:
        return

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.target),
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.seed(seed)
    @given(strategies.cases(session.terms.format))
    def holds(case: Case) -> None:
        inputs = session.admit(case)
        if isinstance(inputs, str):
            return
        session.tally.domain.regimes[case.regime] += 1
        judgement = session.run(inputs)
        if session.control.exhausted:
            return
        check = judgement.stable_accuracy
        if check is not None and check.checked and check.ratio < INFINITE:
            target(check.ratio, label="error / limit")
        if any(c.failed and c.level in (Level.SOUND, level) for c in judgement.up_to(level)):
            raise _Falsified

    with warnings.catch_warnings(), _without_constants_of_code():
        warnings.simplefilter("ignore", HypothesisWarning)
        try:
            holds()
        except _Falsified:
            return
        except hypothesis.errors.Flaky:
            session.tally.observations["not repeatable", "a drawn case failed once and passed once"] += 1
        except BaseExceptionGroup as group:
            if group.subgroup(_Falsified) is None:
                raise


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
