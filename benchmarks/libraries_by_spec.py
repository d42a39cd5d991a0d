"""Functions of shipping libraries by SPEC alone: how each is understood, and whether a call gives the right values.

    python benchmarks/libraries_by_spec.py [--write docs/plugging-in.md] [LIBRARY...]

It prints the rows of the table of docs/plugging-in.md, or writes those of the libraries that are installed into the
page and leaves the others as they are. Nothing is judged: the values are those of one call on a small array, told from
other readings (sum for mean, another axis) as a trial call tells them.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.resolve import resolve
from softcert_implementations.resolving.trials import telling_values
from softcert_implementations.resolving.trials.trial_calls import attempt
from softcert_oracle.errors import UsageError

HEAD = "| SPEC | understood as | arrays | form of the call, reduction | formats | values of a call |"
NOT_INSTALLED = "not run here"


@dataclass(frozen=True)
class Entry:
    """A function of a library, by its SPEC, with ``--op`` where the name says too little."""

    library: str
    spec: str
    op: str | None = None

    @property
    def shown(self) -> str:
        """The SPEC as it stands on a command line."""
        return f"`{self.spec}`" + (f" `--op {self.op}`" if self.op else "")

    @property
    def installed(self) -> bool:
        """Whether its library is here."""
        return importlib.util.find_spec(self.library) is not None


ENTRIES = (
    Entry("numpy", "numpy:logaddexp.reduce", "logsumexp"),
    *(Entry("scipy", f"scipy.special:{name}") for name in ("softmax", "log_softmax", "logsumexp")),
    *(Entry("torch", f"torch:{name}") for name in ("softmax", "log_softmax", "logsumexp")),
    *(Entry("torch", f"torch.nn.functional:{n}") for n in ("softmax", "log_softmax", "cross_entropy", "nll_loss")),
    *(Entry("torch", f"torch.nn:{name}") for name in ("Softmax", "LogSoftmax", "CrossEntropyLoss", "NLLLoss")),
    *(Entry("jax", f"jax.nn:{name}") for name in ("softmax", "log_softmax", "logsumexp")),
    Entry("jax", "jax.scipy.special:logsumexp"),
    Entry("optax", "optax:softmax_cross_entropy"),
    Entry("optax", "optax:softmax_cross_entropy_with_integer_labels"),
    *(Entry("tensorflow", f"tensorflow.nn:{name}") for name in ("softmax", "log_softmax")),
    Entry("tensorflow", "tensorflow:reduce_logsumexp"),
    Entry("tensorflow", "tensorflow.nn:softmax_cross_entropy_with_logits"),
    Entry("tensorflow", "tensorflow.nn:sparse_softmax_cross_entropy_with_logits"),
    *(Entry("keras", f"keras.ops:{name}") for name in ("softmax", "log_softmax", "logsumexp")),
    Entry("keras", "keras.activations:softmax"),
    *(Entry("keras", f"keras.losses:{n}") for n in ("categorical_crossentropy", "sparse_categorical_crossentropy")),
    *(Entry("keras", f"keras.losses:{n}") for n in ("CategoricalCrossentropy", "SparseCategoricalCrossentropy")),
    *(Entry("mlx", f"mlx.core:{name}") for name in ("softmax", "logsumexp")),
    Entry("mlx", "mlx.nn:log_softmax"),
    Entry("mlx", "mlx.nn.losses:cross_entropy"),
    *(Entry("paddle", f"paddle.nn.functional:{n}") for n in ("softmax", "log_softmax", "cross_entropy")),
    Entry("paddle", "paddle:logsumexp"),
    Entry("autograd", "autograd.scipy.special:logsumexp"),
    Entry("sklearn", "sklearn.utils.extmath:softmax"),
    Entry("sklearn", "sklearn.metrics:log_loss"),
    Entry("sklearn", "sklearn.linear_model:LogisticRegression"),
    Entry("sklearn", "sklearn.linear_model:LogisticRegression.predict_log_proba"),
    *(Entry("tinygrad", f"tinygrad:Tensor.{n}") for n in ("softmax", "log_softmax", "logsumexp")),
    *(Entry("tinygrad", f"tinygrad:Tensor.{n}") for n in ("cross_entropy", "sparse_categorical_crossentropy")),
)
"""Fifty functions, by library. Files of models are in tests/implementations/adapters/test_onnx.py."""


def row(entry: Entry) -> str:
    """A line of the table, from the functions themselves."""
    if not entry.installed:
        return f"| {entry.shown} | {NOT_INSTALLED} | | | | |"
    try:
        subject = resolve(entry.spec, op=entry.op)
    except UsageError as error:
        if "is not run:" in str(error):
            return f"| {entry.shown} | {NOT_INSTALLED} | | | | |"
        return f"| {entry.shown} | not understood: {str(error)[:300]} | | | | |"
    first = next(iter(subject.ops))
    terms = subject.contract.terms(first, subject.dtypes[0])
    form = "; ".join(filter(None, (terms.call, f"reduction={terms.reduction}" if "cross" in first else "")))
    rows = " of one row" if subject.batched is False else ""
    told = [_reading(subject, operation) for operation in subject.ops]
    values = "right" if all(t == "right" for t in told) else ", ".join(told)
    cells = (entry.shown, ", ".join(subject.ops), subject.arrays + rows, form, ", ".join(subject.dtypes), values)
    return f"| {' | '.join(cells)} |"


def _reading(subject: Implementation, operation: str) -> str:
    format = subject.dtypes[0]
    trial = attempt(subject, operation, format)
    reduction = subject.contract.terms(operation, format).reduction
    wanted = {"none": (telling_values.ROWS, telling_values.SUM), "sum": (telling_values.SUM,)}
    right = (telling_values.RIGHT, *wanted.get(reduction, ()))
    return "right" if trial.reading in right else trial.error or "other values"


def table(libraries: list[str]) -> Iterator[str]:
    """The rows of some libraries, all of them where none is named; each library in a process of its own."""
    for library in dict.fromkeys(e.library for e in ENTRIES):
        if libraries and library not in libraries:
            continue
        if importlib.util.find_spec(library) is None:
            yield from (row(e) for e in ENTRIES if e.library == library)
            continue
        done = subprocess.run(
            [sys.executable, __file__, "--here", library], capture_output=True, text=True, check=False, timeout=600
        )
        if done.returncode:
            raise SystemExit(f"{library}: {done.stderr[-2000:]}")
        yield from (line for line in done.stdout.splitlines() if line.startswith("| `"))


def write(page: Path, libraries: list[str]) -> None:
    """Put the rows of what is installed here into a page; the others stay."""
    lines = page.read_text(encoding="utf-8").split("\n")
    begin = lines.index(HEAD)
    end = next(k for k in range(begin, len(lines)) if not lines[k].startswith("|"))
    kept = {line.split(" | ")[0]: line for line in lines[begin + 2 : end]}
    fresh = {line.split(" | ")[0]: line for line in table(libraries) if f"| {NOT_INSTALLED} |" not in line}
    rows = [fresh.get(f"| {e.shown}") or kept.get(f"| {e.shown}") or row(e) for e in ENTRIES]
    page.write_text(
        "\n".join([*lines[:begin], HEAD, "|---|---|---|---|---|---|", *rows, *lines[end:]]), encoding="utf-8"
    )


def main() -> None:
    """Print the table, or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--here", action="store_true", help="in this process, which loads the library")
    parser.add_argument("libraries", nargs="*")
    asked = parser.parse_args()
    if asked.here:
        for entry in ENTRIES:
            if entry.library in asked.libraries:
                print(row(entry), flush=True)
        return
    if asked.write:
        write(asked.write, asked.libraries)
        return
    print(HEAD, "|---|---|---|---|---|---|", sep="\n")
    for line in table(asked.libraries):
        print(line, flush=True)


if __name__ == "__main__":
    main()
