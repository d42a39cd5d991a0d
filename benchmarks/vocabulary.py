"""Right algorithms at vocabulary sizes, on rows whose limits are narrow: none may leave its limit.

    python benchmarks/vocabulary.py             regenerates the tables in docs/numerics.md, between their markers
    python benchmarks/vocabulary.py --unseen    likewise the table of errors that pass unseen, by class count

More than ten million logits go through each of the algorithms of benchmarks/honest.py; the largest error over limit of
each stands in the first table (above 1 refutes a derivation: exit code 1), that of reduced losses in the second.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks import honest, limit_fit, vocabulary_rows
from benchmarks.limits import PAGE, replaced

from softcert_oracle import limits, unseen
from softcert_oracle.decide import decisions
from softcert_oracle.limits import LIMITS_VERSION, LimitParameters
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

Array = Any
SIZES = {1000: 140, 4099: 35, 32000: 14, 131072: 7, 151936: 7, 262144: 7}
"""How many rows of each class count, for each setting."""
SETTINGS = {
    "float32": ("float32", "float32"),
    "float64": ("float64", "float64"),
    "bfloat16, float32 inside": ("bfloat16", "float32"),
    "float16, float32 inside": ("float16", "float32"),
    "bfloat16 throughout": ("bfloat16", "bfloat16"),
    "float16 throughout": ("float16", "float16"),
}
"""Format of logits and results, and of all that is between."""
NARROW_SIZES = (1000, 4099)
"""Class counts of the last two: nobody sums 32000 terms in 16 bits."""


def claims_of(setting: str, algorithm: honest.Honest, seen: limit_fit.Primitives) -> LimitParameters:
    """The contract: everything measured, nothing assumed."""
    own, working = SETTINGS[setting]
    return LimitParameters(
        format=own, working_precision=working, reduction="none", **{**seen.worst(), **dict(algorithm.claims)}
    )


def ratios(
    algorithm: honest.Honest,
    x: Array,
    rows: truth.Rows,
    setting: str,
    seen: limit_fit.Primitives,
    cache: dict[Any, Any],
) -> Iterator[tuple[str, Array]]:
    """Largest error over limit by operation and row."""
    own, working = (formats.lookup(name) for name in SETTINGS[setting])
    p = claims_of(setting, algorithm, seen)
    labels = limit_fit.labels_of(rows)
    at = np.arange(len(x)), labels
    with np.errstate(all="ignore"):
        results = dict(algorithm.run(x.astype(working.dtype)))
    computed = {name: v for name, v in results.items() if name != "gradient by sum"}
    if "log_softmax" in results:
        computed["cross_entropy"] = -results["log_softmax"][at]
    if "softmax" in results:
        gradient = results["softmax"].copy()
        if "gradient by sum" in results:
            rest = gradient.copy()
            rest[at] = 0
            gradient[at] = -honest.pairwise(rest)[:, 0]
        else:
            gradient[at] = gradient[at] - honest.constant(1.0, gradient)
        computed["cross_entropy_grad"] = gradient
    for operation, got in computed.items():
        level = algorithm.level
        key = operation, level, p
        if key not in cache:
            exact = truth.reference(operation, rows, labels, reduction="none")
            cache[key] = exact, limits.limit(operation, level, rows, labels, p).numbers
        exact, limit = cache[key]
        error = decisions.error(got.astype(own.dtype).astype(np.float64), exact, own)
        ratio = error.ratio(limit)
        yield operation, ratio.max(axis=1) if ratio.ndim == 2 else ratio


def measured(scale: float = 1.0, sizes: dict[int, int] | None = None) -> tuple[dict[tuple[str, str], float], int]:
    """The largest ratio by algorithm and setting, and how many logits there were."""
    worst: dict[tuple[str, str], float] = {}
    elements = 0
    for number, setting in enumerate(SETTINGS):
        own, working = (formats.lookup(name) for name in SETTINGS[setting])
        seen = limit_fit.primitives(working, 5_000 if working.bits == 64 else 200_000)
        for n, many in (sizes or SIZES).items():
            if working.bits < 32 and n not in NARROW_SIZES:
                continue
            rng = np.random.default_rng([number, n])
            kinds = len(vocabulary_rows.KINDS)
            x = vocabulary_rows.rows(working, n, max(kinds, round(many * scale)), rng).astype(own.dtype)
            rows, cache = truth.rows(x), {}
            elements += x.size
            for algorithm in honest.ALGORITHMS:
                if working.name not in algorithm.formats:
                    continue
                for _, found in ratios(algorithm, x, rows, setting, seen, cache):
                    key = algorithm.name, setting
                    worst[key] = max(worst.get(key, 0.0), float(found.max()))
            print(f"{time.process_time():7.1f} s  {setting}, {n} classes", file=sys.stderr)
    return worst, elements


COUNTS = (2, 10, 100, 1000, 10000, 32000, 50257, 65536, 100000, 128256, 131072, 151936, 256000, 262144)
"""Class counts of the table of what passes unseen: vocabularies that people use among them."""


def unseen_lines() -> Iterator[str]:
    """The table of what passes unseen at level "stable", in Markdown."""
    yield (
        f'Limits version {LIMITS_VERSION}, default contract, level "stable". Largest uniform relative error of every '
        "probability within the limits: in a row of ordinary logits, in the sparse or the exact row (the smaller), and "
        "how many of the ones of the exact row may be missing from its sum."
    )
    yield ""
    names = ("float32", "float64", "bfloat16")
    yield "| C | " + " | ".join(f"{n}: ordinary | sparse, exact | missing" for n in names) + " |"
    yield "|---|" + "---|" * (3 * len(names))
    contracts = [LimitParameters(format=name) for name in names]
    for n in COUNTS:
        cells = []
        for p in contracts:
            at = unseen.unseen("softmax", "stable", n, p)
            cells.append(f"{at.dense:.1e} | {min(at.sparse, at.exact):.1e} | {at.missing:.2g}")
        yield f"| {n} | {' | '.join(cells)} |"


BATCHES = (100, 8192, 65537)
BATCH_KINDS = ("one loss of many", "powers of two", "few among small ones", "all alike")
TOTALS = {
    "loop": honest.forwards,
    "NumPy's sum": honest.pairwise,
    "warp tree": honest.warp,
    "falling": honest.descending,
}


def batch(kind: str, m: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Logits (m, 3) and labels; a loss is exactly 0 where the label's logit lies 200 above the others."""
    x = np.full((m, 3), -200.0)
    x[:, 0] = 0.0
    labels = np.zeros(m, np.int64)
    if kind == "one loss of many":
        x[rng.integers(0, m), 1] = 2.0
    elif kind == "powers of two":
        chosen = rng.choice(m, 12, replace=False)
        x[chosen, 0], x[chosen, 1] = -(2.0 ** np.arange(-3, 9)), 0.0
    elif kind == "few among small ones":
        x[:, 1] = -rng.uniform(9.0, 20.0, m)
        x[rng.choice(m, 20, replace=False), 1] = 3.0
    else:
        x = rng.normal(size=(m, 3))
    return x, labels


def batches() -> dict[tuple[str, str], float]:
    """The largest ratio of a mean loss by kind of batch and order of the sum, in float32 and float64."""
    worst: dict[tuple[str, str], float] = {}
    for name in ("float32", "float64"):
        f = formats.lookup(name)
        seen = limit_fit.primitives(f, 5_000 if f.bits == 64 else 200_000)
        for m in BATCHES:
            for number, kind in enumerate(BATCH_KINDS):
                x, labels = batch(kind, m, np.random.default_rng([m, number]))
                x = x.astype(f.dtype)
                rows = truth.rows(x)
                results = {"stable": honest.summed(honest.forwards)(x), "accurate": honest.by_log1p(x)}
                for level, own in results.items():
                    losses = -own["log_softmax"][np.arange(m), labels]
                    p = LimitParameters(format=name, **seen.worst())
                    limit = limits.limit("cross_entropy", level, rows, labels, p).numbers
                    exact = truth.reference("cross_entropy", rows, labels)
                    for order, total in TOTALS.items():
                        got = total(losses[None])[0, 0] / f.dtype.type(m)
                        found = float(decisions.error(np.float64(got), exact).ratio(limit))
                        worst[kind, order] = max(worst.get((kind, order), 0.0), found)
    return worst


def lines(worst: dict[tuple[str, str], float], elements: int, losses: dict[tuple[str, str], float]) -> Iterator[str]:
    """The tables in Markdown."""
    yield (
        f"Limits version {LIMITS_VERSION}, NumPy {np.__version__}, {elements:,} logits in rows of "
        f"{', '.join(map(str, SIZES))} classes. Largest error over limit, measured errors of exp and log."
    )
    yield ""
    yield "| algorithm | level | " + " | ".join(SETTINGS) + " |"
    yield "|---|---|" + "---|" * len(SETTINGS)
    for a in honest.ALGORITHMS:
        cells = (f"{worst[a.name, s]:.3f}" if (a.name, s) in worst else "" for s in SETTINGS)
        yield f"| {a.name} | {a.level} | {' | '.join(cells)} |"
    yield ""
    yield f"Mean losses of {', '.join(map(str, BATCHES))} rows, float32 and float64, by the order of the batch's sum:"
    yield ""
    yield "| batch | " + " | ".join(TOTALS) + " |"
    yield "|---|" + "---|" * len(TOTALS)
    for kind in BATCH_KINDS:
        yield f"| {kind} | " + " | ".join(f"{losses[kind, order]:.3f}" for order in TOTALS) + " |"


def written(marker: str, content: str, shown: bool) -> None:
    """Put a table into its place on the page, or print it."""
    if shown:
        print(content)
    else:
        PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), marker, content), encoding="utf-8")
        print(f"{PAGE.name}: table {marker!r} regenerated")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0, help="share of the rows")
    parser.add_argument("--print", action="store_true", help="print the tables and leave the page alone")
    parser.add_argument("--unseen", action="store_true", help="the table of errors that pass unseen instead")
    given = parser.parse_args()
    if given.unseen:
        written("unseen", "\n".join(unseen_lines()), given.print)
        return 0
    worst, elements = measured(given.scale)
    losses = batches()
    written("vocabulary", "\n".join(lines(worst, elements, losses)), given.print)
    beyond = [f"{key}: {value:.4f}" for key, value in [*worst.items(), *losses.items()] if not value <= 1]
    print("\n".join(beyond), file=sys.stderr)
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
