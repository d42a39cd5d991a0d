"""Cost of shrinking and of diagnosis for a failing operation and format, and how often the family is named.

    python benchmarks/diagnosis.py [--part variants] [--every 1]

Certifies models of defects (quick, in this process) and measures the processor time of the stages after the calls, in
units of a fixed loop of ten million steps. The family is right where the diagnosis of the first finding names it.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass

from softcert.certification import certify
from softcert.certification.plan import Plan
from softcert.diagnosis.diagnose import diagnose
from softcert.expected.reference import ReferenceCache
from softcert_implementations.gallery import DEFECTS, VARIANTS, Defect

PARTS = {"defects": DEFECTS, "variants": VARIANTS}
_SHARED = 8  # subjects in a row that share the exact results of their cases, as in `softcert power`


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One defect in one format: seconds of shrinking and diagnosis, calls of shrinking, and whether it was named."""

    shrinking: float
    diagnosis: float
    calls: int
    named: bool


def measure(defect: Defect, format: str, references: ReferenceCache) -> Measured | None:
    """The cost of the stages after the calls; None where nothing is found."""
    shrinking, calls = 0.0, 0
    collect = certify.collect

    def timed(session, *arguments):
        nonlocal shrinking, calls
        start, before = time.process_time(), session.caller.calls
        findings = collect(session, *arguments)
        shrinking, calls = time.process_time() - start, session.caller.calls - before
        return findings

    certify.collect = timed
    try:
        plan = Plan.of("quick", isolation="none")
        result = certify.certify_one(defect.implementation(format), plan, references=references)
    finally:
        certify.collect = collect
    if not result.findings:
        return None
    start = time.process_time()
    diagnoses = diagnose(result, references).by_finding
    spent = time.process_time() - start
    named = diagnoses[result.findings[0].id].family == defect.family
    return Measured(shrinking=shrinking, diagnosis=spent, calls=calls, named=named)


def unit() -> float:
    """Processor seconds of a fixed loop of ten million steps."""
    start = time.process_time()
    total = 0
    for i in range(10_000_000):
        total += i
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=sorted(PARTS), default="variants")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="one defect in N (1: all)")
    arguments = parser.parse_args()
    before, measured = unit(), []
    chosen = [(d, f) for d in PARTS[arguments.part][:: arguments.every] for f in d.formats[:1]]
    for k, (defect, format) in enumerate(chosen):
        if k % _SHARED == 0:
            references = ReferenceCache()
        measured.append(measure(defect, format, references))
    found = [m for m in measured if m is not None]
    one = (before + unit()) / 2
    print(f"{len(found)} failing of {len(chosen)}, one format each; a unit is {one:.2f} s")
    print(f"{'units':<12}{'median':>8}{'90 %':>8}{'worst':>8}")
    for name, seconds in (
        ("shrinking", [m.shrinking for m in found]),
        ("diagnosis", [m.diagnosis for m in found]),
        ("both", [m.shrinking + m.diagnosis for m in found]),
    ):
        units = sorted(s / one for s in seconds)
        print(f"{name:<12}{statistics.median(units):>8.2f}{units[int(0.9 * (len(units) - 1))]:>8.2f}{units[-1]:>8.2f}")
    print(f"calls of shrinking: median {statistics.median(m.calls for m in found)}, most {max(m.calls for m in found)}")
    print(f"family named: {sum(m.named for m in found)} of {len(found)}")


if __name__ == "__main__":
    main()
