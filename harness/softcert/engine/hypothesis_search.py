"""The Hypothesis driver: draws cases, climbs on error/limit, shrinks what fails.

Budgets are counts; Hypothesis's own time limits and health checks are off, so a verdict never depends on the
machine's speed. The seed fixes every draw, and the example database is off: the same seed gives the same cases.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings, target
from hypothesis.errors import HypothesisWarning
from hypothesis.internal.cache import LRUCache
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from softcert.cases import strategies
from softcert.cases.case import Case

if TYPE_CHECKING:
    from softcert.engine.session import Session


class _Falsified(Exception):  # noqa: N818 (tells Hypothesis to shrink; it is no error)
    """A drawn case fails at the asked level."""


def explore(session: Session, examples: int, seed: int, level: str = "stable") -> None:
    """Judge ``examples`` drawn cases; the ledger hears of each. What fails at the level is shrunk by Hypothesis."""
    if examples <= 0:
        return
    terms = session.terms

    @settings(
        max_examples=examples, database=None, deadline=None, derandomize=False, print_blob=False,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.target, Phase.shrink),
        report_multiple_bugs=False, verbosity=hypothesis.Verbosity.quiet,
    )  # fmt: skip
    @hypothesis.seed(seed)
    @given(strategies.cases(terms.format))
    def holds(case: Case) -> None:
        if session.outside(case):
            return
        session.ledger.regimes[case.regime] += 1
        _, checks = session.judge(case)
        if session.exhausted:
            return
        ratios = [c.ratio for c in checks if c.property == "accuracy" and c.level == "stable" and c.checked]
        if ratios and ratios[0] < float("inf"):
            target(ratios[0], label="error / limit")
        if any(c.failed and c.level in ("sound", level) for c in checks):
            raise _Falsified

    with warnings.catch_warnings(), _without_constants_of_code():
        warnings.simplefilter("ignore", HypothesisWarning)
        try:
            holds()
        except _Falsified:
            return
        except hypothesis.errors.Flaky:
            session.ledger.observations["not repeatable", "a drawn case failed once and passed once"] += 1
        except BaseExceptionGroup as group:
            if group.subgroup(_Falsified) is None:
                raise


@contextmanager
def _without_constants_of_code() -> Iterator[None]:
    """Hypothesis without the numbers that it finds in the source of the modules that happen to be loaded.

    It mixes them into its draws, so another way of installing, or a subject's own file, would give other cases.
    """
    if not hasattr(providers, "_get_local_constants"):  # releases before 6.131 look into no source
        yield
        return
    none = Constants()
    with (
        patch.object(providers, "_get_local_constants", lambda: none),
        patch.object(providers, "CONSTANTS_CACHE", LRUCache(1024)),
    ):
        yield
