"""How well the limits fit: textbook algorithms against their own limit and against the default one.

    python benchmarks/limits.py                regenerates the tables in docs/numerics.md, between their markers
    python benchmarks/limits.py --libraries    likewise the levels that NumPy, SciPy and torch hold

The first table is the check of the mathematics: an error above its limit refutes a derivation (exit code 1), and a
limit that is never approached is not sharp. The second is what users of these libraries may expect.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks import limit_fit

from softcert_oracle.limits import LIMITS_VERSION
from softcert_oracle.numbers import formats

FORMATS = ("float32", "float64", "float16", "bfloat16")
COUNTS = (2, 3, 10, 100, 1000)
PAGE = Path(__file__).resolve().parents[1] / "docs" / "numerics.md"
ORDER = (
    "softmax",
    "cross_entropy_grad",
    "log_softmax",
    "cross_entropy",
    "logsumexp",
    "mean loss",
    "gradient of the mean",
)


def replaced(text: str, marker: str, content: str) -> str:
    """The page with what stands between ``<!-- begin marker -->`` and ``<!-- end marker -->`` replaced."""
    begin, end = f"<!-- begin {marker} -->", f"<!-- end {marker} -->"
    before, rest = text.split(begin, 1)
    return f"{before}{begin}\n\n{content.strip()}\n\n{end}{rest.split(end, 1)[1]}"


def measured(rounds: int, many: int) -> dict[str, tuple[limit_fit.Primitives, limit_fit.Table]]:
    """All measurements, by format."""
    results = {}
    for name in FORMATS:
        f = formats.lookup(name)
        seen = limit_fit.primitives(f, many // 20 if name == "float64" else many)
        table = limit_fit.measure(f, seen, COUNTS, rounds)
        renamed = {"cross_entropy": "mean loss", "cross_entropy_grad": "gradient of the mean"}
        for (operation, algorithm, order), best in limit_fit.measure_means(f, seen, table).items():
            table[renamed[operation], algorithm, order] = best
        results[name] = seen, table
    return results


def lines(results: dict[str, tuple[limit_fit.Primitives, limit_fit.Table]]) -> Iterator[str]:
    """The table in Markdown."""
    yield (
        f"Limits version {LIMITS_VERSION}, NumPy {np.__version__} on {platform.machine()}. Largest error over limit: "
        "the algorithm's own limit, plain loop / tree sum, by format; then over all formats the default limit with "
        "the measured errors of exp and log, with the contract's default of 4 ulp, and, to show what the default's "
        "constants are for, the plainest algorithm's limit (shift-divide, x-m-L, lse)."
    )
    yield ""
    yield "| result | algorithm | " + " | ".join(FORMATS) + " | default, measured ulp | default, 4 ulp | plainest |"
    yield "|---|---|" + "---|" * (len(FORMATS) + 3)
    keys = {(o, a) for _, table in results.values() for o, a, _ in table}
    for operation, algorithm in sorted(keys, key=lambda k: (ORDER.index(k[0]), k[1])):
        cells, columns = [], {"fitted": 0.0, "default": 0.0, "plain": 0.0}
        for name in FORMATS:
            table = results[name][1]
            found = [table[key] for o in ("loop", "tree") if (key := (operation, algorithm, o)) in table]
            cells.append(" / ".join(f"{best.sharp:.3f}" for best in found))
            for column in columns:
                columns[column] = max([columns[column], *(getattr(best, column) for best in found)])
        level = " (sound)" if algorithm in limit_fit.NOT_SHIFT_SAFE else ""
        rest = f"{columns['fitted']:.2f}{level} | {columns['default']:.2f}{level} | {columns['plain']:.2f}"
        yield f"| {operation} | {algorithm} | {' | '.join(cells)} | {rest} |"
    yield ""
    yield "Largest errors of NumPy's functions seen, in ulp, which the limits above are given:"
    yield ""
    yield "| format | exp | log | log1p | exp2 | log2 |"
    yield "|---|---|---|---|---|---|"
    for name in FORMATS:
        seen = results[name][0]
        yield f"| {name} | {seen.exp:.3f} | {seen.log:.3f} | {seen.log1p:.3f} | {seen.exp2:.3f} | {seen.log2:.3f} |"


def verdict(results: dict[str, tuple[limit_fit.Primitives, limit_fit.Table]]) -> Iterator[str]:
    """What contradicts the claim that every limit holds and its own is at least half reached."""
    for name, (_, table) in results.items():
        for key, best in table.items():
            for column in ("sharp", "fitted", "default"):
                if getattr(best, column) > 1.0:
                    yield f"{name} {key}: {column} ratio {getattr(best, column):.6f} is above 1"
            if best.sharp < 0.5:
                yield f"{name} {key}: own limit reached to {best.sharp:.3f} only"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--libraries", action="store_true", help="the levels of NumPy, SciPy and torch instead")
    parser.add_argument("--rounds", type=int, default=8, help="how often to climb from the worst rows")
    parser.add_argument("--arguments", type=int, default=1_000_000, help="arguments to measure exp and log at")
    parser.add_argument("--print", action="store_true", help="print the table and leave the page alone")
    given = parser.parse_args()
    if given.libraries:
        from benchmarks import limit_libraries

        marker, content, complaints = "libraries", "\n".join(limit_libraries.lines()), []
    else:
        results = measured(given.rounds, given.arguments)
        marker, content, complaints = "fit", "\n".join(lines(results)), list(verdict(results))
    if given.print:
        print(content)
    else:
        PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), marker, content), encoding="utf-8")
        print(f"{PAGE.name}: table {marker!r} regenerated")
    print("\n".join(complaints), file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
