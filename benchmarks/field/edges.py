"""What each library answers where a shape or the labels leave nothing to compute; no answer is judged here.

A process answers one question after the other. If it ends in the middle, the question that it was at is answered by
how it ended, and a new process goes on with the next.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.field.entries import ENTRIES, Entry
from benchmarks.field.run import ROOT, key, sources, state, version

SHAPES = {"no rows": (0, 3), "no classes": (2, 0), "one class": (2, 1), "all rows ignored": (2, 3)}
"""By the question: the shape of the logits, which are 0."""
IGNORED = -100
"""The label that the entries in `IGNORING` document as ignored, by default."""
IGNORING = frozenset({"torch", "torch-compile", "paddle", "liger"})
SECONDS = 120.0
_FORMAT = "float32"
_LABELLED = ("cross_entropy", "cross_entropy_grad")
_OPERATIONS = ("softmax", "log_softmax", "logsumexp", *_LABELLED)


def questions(entry: Entry) -> list[tuple[str, str]]:
    """Operation and question, all that make sense for an entry; it may lack the operation."""
    asked = [(operation, case) for operation in _OPERATIONS for case in SHAPES]
    return [q for q in asked if q[1] != "all rows ignored" or (q[0] in _LABELLED and entry.key in IGNORING)]


def run(folder: Path, only: Iterable[str] = (), seconds: float = SECONDS) -> None:
    """Ask every entry that is installed, or the ones in ``only``; KEY-edges.json in ``folder`` keeps the answers."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen, softcert = set(only), sources()
    for entry in ENTRIES:
        if (chosen and entry.key not in chosen) or not all(version(name) for name in entry.distributions):
            continue
        stem, digest = folder / f"{entry.key}-edges", key(entry, "edges", softcert)
        if state(stem).get("key") == digest:
            continue
        answers = [{"operation": o, "row": case, "got": got} for o, case, got in ask(entry, seconds)]
        stem.with_suffix(".json").write_text(json.dumps(answers, indent=1) + "\n")
        facts = {"key": digest, "outcome": "run"}
        stem.with_suffix(".state.json").write_text(json.dumps(facts, indent=1) + "\n")
        print(f"{entry.title}, edges: {len(answers)} answers", flush=True)


def ask(entry: Entry, seconds: float = SECONDS) -> Iterator[tuple[str, str, str]]:
    """Operation, question and answer, without the operations that the entry lacks."""
    left = questions(entry)
    while left:
        said, ended = _asked_of(entry, left, seconds)
        for (operation, case), got in zip(left, said, strict=False):
            if got:
                yield operation, case, got
        left = left[len(said) :]
        if left:
            yield *left[0], ended
            left = left[1:]


def _asked_of(entry: Entry, asked: list[tuple[str, str]], seconds: float) -> tuple[list[str], str]:
    """The answers that one process gave, and how it ended."""
    command = [sys.executable, "-m", "benchmarks.field.edges", entry.key, entry.spec, json.dumps(asked)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **entry.environment}
    try:
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, timeout=seconds, capture_output=True, text=True, errors="replace"
        )
        output, how = ended.stdout, _ending(ended.returncode)
    except subprocess.TimeoutExpired as late:
        output, how = (late.stdout or b"").decode(errors="replace"), f"no answer within {seconds:g} s"
    lines = [line.removeprefix("answer ") for line in output.splitlines() if line.startswith("answer ")]
    return [json.loads(line) for line in lines], how


def _ending(code: int) -> str:
    return f"the process ends by {signal.Signals(-code).name}" if code < 0 else f"the process ends with code {code}"


def answers(entry: Entry, asked: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The answers of an entry in this process; "" for an operation that it lacks."""
    from softcert_implementations.resolving.resolve import resolve

    subject = resolve(entry.spec, dtypes=_FORMAT, arrays=entry.arrays or None, contract=entry.claims(_FORMAT) or None)
    for operation, case in asked:
        yield _answer(subject, operation, case) if operation in subject.ops else ""


def _answer(subject: Any, operation: str, case: str) -> str:
    from softcert_implementations.adapters.base import View
    from softcert_implementations.adapters.calling import call

    shape = SHAPES[case]
    given = [View.of(np.zeros(shape, np.float32))]
    if operation in _LABELLED:
        given.append(View.of(np.full(shape[0], IGNORED if case == "all rows ignored" else 0, np.int64)))
    try:
        outcome = call(subject, operation, _FORMAT, given)
    except Exception as error:  # noqa: BLE001 - whatever a library raises is its answer
        return f"error ({type(error).__name__})"
    return told(outcome.results[0])


def told(result: np.ndarray) -> str:
    """An answer in short: its values, or its shape if there are none."""
    if not result.size:
        return f"empty, shape {result.shape}"
    return ", ".join(dict.fromkeys("0" if value == 0 else f"{value:.6g}" for value in result.astype(float).flat))


if __name__ == "__main__":
    chosen = replace(next(entry for entry in ENTRIES if entry.key == sys.argv[1]), spec=sys.argv[2])
    for said in answers(chosen, json.loads(sys.argv[3])):
        print("answer " + json.dumps(said), flush=True)
