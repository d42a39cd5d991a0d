"""Certifies a cheat: at effort quick, or over a thinned battery of it that takes a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
from tests.harness.cheats.cheat import Cheat

import softcert
from softcert.cases.battery import battery
from softcert.cases.case import Case, State
from softcert.cases.effort import Effort
from softcert.certification import certify, plan
from softcert.commands import units
from softcert.diagnosis.diagnoses import Diagnoses
from softcert.executors import open_executor
from softcert.expected import case_cache
from softcert.results.certificate import Certificate

THIN = Effort(name="quick", seeds=1, thin=True, hypothesis_examples=5, hill_climb_steps=0, relations=1)
SECONDS = 2.0  # of a call that never ends


def thinned(*arguments: Any) -> list[Case]:
    """The first look, every case with a state, and every twentieth of the others: no axis is left out."""
    cases = battery(*arguments)
    return [c for n, c in enumerate(cases) if n < 13 or c.state != State.ONCE or n % 20 == 0 or c.rows_count > 1000]


def thinnest(*arguments: Any) -> list[Case]:
    """The first look and every fortieth of the others: enough for what is told whatever the input is."""
    return [c for n, c in enumerate(battery(*arguments)) if n < 13 or n % 40 == 0]


def _opened(*arguments: Any, **limits: Any) -> Any:
    executor = open_executor(*arguments, **limits)
    executor.timeout = SECONDS
    return executor


@contextmanager
def thin_runs(cases: Callable[..., list[Case]] = thinned) -> Iterator[None]:
    """Within it, effort quick means the thinned battery up to the first finding, which is neither shrunk nor diagnosed.

    A hang is seen after `SECONDS`.
    """
    with ExitStack() as stack:
        stack.enter_context(patch.object(case_cache, "battery", cases))
        stack.enter_context(patch.object(certify, "open_executor", _opened))
        stack.enter_context(patch.object(certify.SubjectRun, "whole", certify.SubjectRun.until_failed))
        stack.enter_context(patch.object(units, "diagnose", lambda *arguments: Diagnoses()))
        stack.enter_context(patch.object(plan, "EFFORTS", {**plan.EFFORTS, "quick": THIN}))
        yield


def run(cheat: Cheat, isolation: str = "process") -> Certificate:
    """The certificate of a cheat at effort quick."""
    how = {"op": cheat.op, "dtypes": "float32", "arrays": cheat.arrays, "effort": "quick"}
    return softcert.certify(cheat.make(), isolation=isolation, **{"call": "plain", **how})


def words(certificate: Certificate) -> str:
    """What the document says of a run beside the verdict, in lower case."""
    told = [f"{o.kind}: {o.text}" for o in certificate.observations]
    return "\n".join([*told, *(f"{f.property}: {f.diagnosis}" for f in certificate.findings)]).lower()


def recorded(subject: Any) -> list[bytes]:
    """The bytes of the logits that an honest subject gets from seed 0 at the effort that `run` uses."""
    seen: list[bytes] = []

    def softmax(x: np.ndarray) -> np.ndarray:
        seen.append(x.tobytes())
        return np.asarray(subject(x))

    softcert.certify(softmax, dtypes="float32", arrays="numpy", effort="quick", isolation="none")
    return seen
