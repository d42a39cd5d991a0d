"""Fuzzing what others may hand us: results documents, certificates, baselines and contracts, changed at random.

    python benchmarks/fuzz_documents.py [--examples 10000] [--seed 0] [results certificate baseline contract]

Hypothesis changes whole files in one to three places, as data and as text. Two things must hold for every example: no
exception but the one of a user's mistake (one sentence), and no exit code 0 where the unchanged file gives another one,
nor another verdict than what the unchanged file gives where one place was changed. It prints a line for each kind and
exits with 1 at the first example that breaks this. The changes are those of the tests, which run a few hundred.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomli_w
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.reports import mutations, small
from tests.reports.forgery import forged, plain, verdict

from softcert.results import baseline as baselines
from softcert.results import gate
from softcert_implementations.contract import Contract
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats
from softcert_reports import document as doc
from softcert_reports.exports import certificate as certificates

DOCUMENTS = (small.green(), small.red(), small.expected())
Outcomes = Counter[str]


@st.composite
def spoiled(draw: st.DrawFn, text: str) -> str:
    """A text with a few characters changed, cut out, or put in twice."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, max(0, len(text) - 1)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        middle = draw(st.one_of(st.just(""), st.just(text[start:end] * 2), st.text(max_size=6)))
        text = text[:start] + middle + text[end:]
    return text


def results(drawn: st.DataObject, seen: Outcomes) -> None:
    """A results document: refused, or it concludes what it did."""
    document = drawn.draw(st.sampled_from(DOCUMENTS))
    changes = drawn.draw(st.integers(0, 3))
    whole = doc.dumps(document)
    changed = mutations.mutated(plain(document), max(changes, 1)).map(forged)
    text = drawn.draw(changed if changes else spoiled(whole))
    try:
        read = doc.loads(text)
    except doc.DocumentError:
        seen["refused"] += 1
        return
    seen["read"] += 1
    if changes < 2:
        assert verdict(read) == verdict(document), "another verdict from one change"
    assert read.exit_code or not document.exit_code, f"exit code 0 instead of {document.exit_code}"


def certificate(drawn: st.DataObject, seen: Outcomes) -> None:
    """A certificate: every change of its data is a problem."""
    document = drawn.draw(st.sampled_from(DOCUMENTS))
    make = drawn.draw(st.sampled_from([certificates.certificate, certificates.test_result]))
    whole = make(document)
    if drawn.draw(st.booleans()):
        text = drawn.draw(spoiled(whole))
    else:
        text = json.dumps(drawn.draw(mutations.mutated(json.loads(whole), 3)))
    try:
        problems = certificates.verify(text, document)
    except doc.DocumentError:
        seen["refused"] += 1
        return
    seen["problems" if problems else "verified"] += 1
    assert problems or mutations.same(json.loads(text), json.loads(whole)), "a changed certificate verifies"


def _failing() -> dict[str, str]:
    return {"implementation": "wrong", "operation": "softmax", "format": "float32", "property": "accuracy"}


def baseline(drawn: st.DataObject, seen: Outcomes) -> None:
    """A baseline: wrong use, or it excuses the one failure only where it names it with a large enough error."""
    whole = {"expected": [{**_failing(), "reason": "known", "largest_error": "16.0", "holds": "sound"}]}
    data = drawn.draw(mutations.mutated(whole, 3))
    try:
        text = tomli_w.dumps(data)
    except (TypeError, AttributeError, ValueError):  # TOML has no null: such data cannot be a file
        text = tomli_w.dumps(whole)
    if drawn.draw(st.booleans()):
        text = drawn.draw(spoiled(text))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "b.toml")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            read = baselines.load(path)
            judged = gate.decide(small.red(), read)
        except UsageError:
            seen["refused"] += 1
            return
    seen[f"exit code {judged.exit_code}"] += 1
    named = {e.key: e for e in read.entries}
    place = ("wrong", "softmax", "float32", "accuracy")
    entry = named.get(place) or named.get((*place[:3], "*"))
    large = entry is not None and (entry.largest_error is None or entry.largest_error >= 16 or entry.key != place)
    assert judged.exit_code or large, "a failure is excused that the baseline does not name"


CONTRACT = {
    "exp_ulp": 4.0,
    "log_ulp": {"softmax": 2, "softmax/float16": 8, "default": 4},
    "working_precision": {"float16": "float32"},
    "special_values": {"one class": "limit"},
    "summation": "pairwise",
    "options": ["axis"],
    "label_dtypes": ["int64"],
    "invalid_labels": "untested",
    "repeatable": True,
    "empty_batch": "result",
    "input_kinds": ["integers", "lists"],
    "min_classes": 1,
    "max_classes": 64,
    "max_rows": 8,
    "max_abs_logit": 80.0,
    "layouts": ["C"],
    "reduction": "mean",
    "device": "cpu",
}


def contract(drawn: st.DataObject, seen: Outcomes) -> None:
    """A contract: wrong use, or terms for every operation and format that are wrong use at worst."""
    data = drawn.draw(mutations.mutated(CONTRACT, 3))
    try:
        if drawn.draw(st.booleans()):
            claimed = Contract(data)
        else:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "c.toml")
                text = drawn.draw(spoiled(tomli_w.dumps(CONTRACT)))
                path.write_bytes(text.encode("utf-8", "surrogatepass"))
                claimed = Contract.from_toml(path)
        claimed.deviations()
        for operation in operations.CORE:
            for format in formats.FORMATS:
                claimed.terms(operation, format)
    except UsageError:
        seen["refused"] += 1
    else:
        seen["read"] += 1


KINDS: dict[str, Callable[[st.DataObject, Outcomes], None]] = {
    "results": results,
    "certificate": certificate,
    "baseline": baseline,
    "contract": contract,
}


def fuzz(kind: str, examples: int, first: int) -> Outcomes:
    """So many examples of one kind; what came of them."""
    seen: Outcomes = Counter()

    @seed(first)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def run(drawn: st.DataObject) -> None:
        KINDS[kind](drawn, seen)

    run()
    return seen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", default=list(KINDS), metavar="KIND")
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    broken = 0
    for kind in options.kinds:
        start = time.perf_counter()
        try:
            outcome: Any = dict(fuzz(kind, options.examples, options.seed))
        except Exception as error:  # noqa: BLE001 (any exception is the result)
            broken, outcome = 1, f"BROKEN: {type(error).__name__}: {error}"
        print(f"{kind}: {options.examples} examples, {time.perf_counter() - start:.0f} s, {outcome}", flush=True)
    return broken


if __name__ == "__main__":
    sys.exit(main())
