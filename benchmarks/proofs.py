"""Rates of proofs by exhaustion: nanoseconds a row in the subject's calls and in the proof, and their ratio.

    python benchmarks/proofs.py [--rows 20] [--repeat 3]

Rows are 2^N consecutive ones of two classes from the middle of the format, where none is trivial. The proof's time is
processor time of the process that builds the rows, sends them, judges the results and makes their digest.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from softcert.executors import open_executor
from softcert.proofs.leaves import run_leaf
from softcert.proofs.plan import plan_of, subject_of

PER_ROW = "softcert_implementations.bundled.faithful.per_row:IMPLEMENTATION"
SUBJECTS = (
    *(("torch_functional", op, f) for f in ("bfloat16", "float16") for op in ("softmax", "log_softmax", "logsumexp")),
    *(("numpy_shifted", "softmax", f) for f in ("bfloat16", "float16")),
    *(("naive", "softmax", f) for f in ("bfloat16", "float16")),
    *(("faithful", op, "bfloat16") for op in ("softmax", "log_softmax", "logsumexp")),
    *((PER_ROW, op, "bfloat16") for op in ("cross_entropy", "cross_entropy_grad")),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20, help="the logarithm to base 2 of the number of rows")
    parser.add_argument("--repeat", type=int, default=3)
    asked = parser.parse_args()
    print("| subject | operation | format | subject, ns a row | proof, ns a row | ratio | correctly rounded |")
    print("|---|---|---|---|---|---|---|")
    for spec, operation, format in SUBJECTS:
        subject = subject_of(spec, operation, format, 2)
        plan = plan_of(subject, spec)
        plan = replace(plan, leaves=plan.rows >> asked.rows)
        number = plan.leaves * 100 // 256
        with open_executor(subject.implementation) as executor:
            run_leaf(replace(plan, leaves=plan.rows >> 16), number << (asked.rows - 16), subject, executor)
            parts = [run_leaf(plan, number, subject, executor) for _ in range(asked.repeat)]
        rows = parts[0].tally.rows
        own, proof = (1e9 / rows * min(v) for v in zip(*((p.subject_seconds, p.seconds) for p in parts), strict=True))
        share = 100 * parts[0].tally.correctly_rounded / (rows - parts[0].tally.special)
        name = spec if ":" not in spec else "faithful_per_row"
        print(f"| {name} | {operation} | {format} | {own:.0f} | {proof:.0f} | {proof / own:.2f} | {share:.3f} % |")


if __name__ == "__main__":
    main()
