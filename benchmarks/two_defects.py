"""Two defects in one function: how often a printed cause contradicts its finding, and how often a defect is named.

    python benchmarks/two_defects.py [--functions 40] [--seed 0]

Each function has two models of the gallery: in one half the second answers where the first is right, in the other half
both act at once (the factor by which one is off is applied to the result of the other). A cause contradicts its finding
if its trigger excludes the witness, or if its model, run there by this script alone, is right or gives something else.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from softcert import Implementation
from softcert.certification import certify
from softcert.certification.plan import Plan
from softcert.diagnosis.candidates import by_weight
from softcert.diagnosis.diagnose import diagnose
from softcert.diagnosis.reproduction import FORM, OF_SEVERAL_CALLS
from softcert.expected.reference import ReferenceCache
from softcert_implementations.bundled import numpy_shifted
from softcert_implementations.gallery import DEFECTS, Defect

OPERATIONS = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad")
_FORMS = {"wrong result form", "wrong result format", "in-place overwrite", "valid input refused", "squeezed dimension"}


def drawn(rng: np.random.Generator, operation: str) -> tuple[Defect, Defect]:
    """Two defects of an operation in float32, of two families, that are functions of one plain call."""
    fit = [
        d
        for d in DEFECTS
        if (d.operation, d.arrays) == (operation, "numpy")
        and "float32" in d.formats
        and not (d.debated or d.option or d.factory or d.contract or d.family in _FORMS)
    ]
    first = fit[int(rng.integers(len(fit)))]
    others = [d for d in fit if d.family != first.family]
    return first, others[int(rng.integers(len(others)))]


def combined(a: Defect, b: Defect, at_once: bool) -> Callable[..., Any]:
    """A function with both defects."""
    right = numpy_shifted.IMPLEMENTATION.ops[a.operation]

    def function(*arguments: Any) -> Any:
        first, second, third = (
            np.asarray(f(*[np.array(x) for x in arguments])) for f in (a.function, b.function, right)
        )
        with np.errstate(all="ignore"):
            if at_once and first.shape == second.shape == third.shape:
                both = np.where(third == 0, first + second, first * (second / third))
                return both.astype(third.dtype)[()]
            near = (
                np.abs(first.astype(float) - third) <= 1e-5 * (1e-3 + np.abs(third))
                if first.shape == third.shape
                else False
            )
        return (second if np.all(near) else first)[()]

    return function


def contradiction(finding: Any, operation: str, name: str) -> str:
    """Why the cause of a finding contradicts it; "" where it does not, or no single model is named."""
    model = next((c for group in by_weight(operation) for c in group if c.name == name), None)
    if model is None or model.accounts_for is not None:
        return ""
    call = finding.witness.call
    if not model.admits(call):
        return "its trigger excludes the witness"
    if finding.output is None or finding.property_name in FORM or finding.property_name in OF_SEVERAL_CALLS:
        return ""
    with np.errstate(all="ignore"):
        got = np.asarray(model.fresh()(*[np.array(v) for v in call.arguments.values()]), np.float64)
    theirs, exact, at = finding.output.got, finding.output.expected.exact.to_float(), finding.check.index
    if got.shape != theirs.shape:
        return "it gives another shape"
    g, t, e = (float(v[at]) if len(at) == v.ndim else float(np.ravel(v)[0]) for v in (got, theirs, exact))
    if g == t or (np.isnan(g) and np.isnan(t)):
        return ""
    limit = finding.limit.numbers.to_float() if finding.limit is not None else np.zeros(theirs.shape)
    near = float(limit[at]) if len(at) == limit.ndim else float(np.ravel(limit)[0])
    return "" if abs(g - t) <= abs(t - e) / 2 + near else f"it gives {g:g}, the function {t:g}"


def main() -> None:
    """Build, certify, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--functions", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    counts: Counter[str] = Counter()
    references = ReferenceCache()
    for k in range(arguments.functions):
        operation = OPERATIONS[k % len(OPERATIONS)]
        a, b = drawn(rng, operation)
        function = combined(a, b, at_once=k % 2 == 1)
        result = certify.certify_one(
            Implementation("two", {operation: function}, ("float32",), arrays="numpy", batched=True),
            Plan.of("quick", isolation="none"),
            references=references,
        )
        causes = diagnose(result, references).by_finding
        named = {d.family for d in causes.values() if d.defect}
        wanted = {a.family, b.family}
        hit = [f for f in named if f in wanted or wanted & set(f.split(" and "))]
        outcome = "one of them named" if hit else "another named" if named else "unknown"
        if wanted <= {part for f in named for part in (f, *f.split(" and "))}:
            outcome = "both named"
        counts[outcome] += 1
        for finding in result.findings:
            cause = causes[finding.id]
            counts["causes"] += bool(cause.defect)
            counts["unknown causes"] += not cause.defect
            if why := contradiction(finding, operation, cause.defect):
                counts["contradictions"] += 1
                print(f"   CONTRADICTION {finding.summary[:120]}: {cause.text[:120]}: {why}", flush=True)
        print(f"{k:3} {operation}: {a.name} | {b.name}: {outcome} {sorted(named)}", flush=True)
    print(dict(counts))


if __name__ == "__main__":
    main()
