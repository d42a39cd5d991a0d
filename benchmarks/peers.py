"""The checks in use today, held against the same gallery as softcert: kill rates and false alarms side by side.

    python benchmarks/peers.py [--json FILE] [--softcert FILE] [--family NAME]

Each check is written from its published rule (beside its function) and sees the operations without options. Nothing
here is tuned: shapes, tolerances and distributions are those of the rule. `--softcert` takes the file of
`softcert power --json FILE` and adds its column, over the same pairs of implementation and format.
"""

from __future__ import annotations

import argparse
import functools
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.extra.numpy as hnp
import ml_dtypes
import numpy as np
import scipy.special
import torch
from hypothesis import strategies as st

from softcert_implementations.gallery import CORRECT, DEFECTS, by_family
from softcert_oracle import operations
from softcert_oracle.levels import Level

Arrays = list[Any]
KERNEL_SHAPES = {"classes": (2, 393_216), "labels": (4096, 10)}
KERNEL_TOLERANCES = {"1e-2": 1e-2, "1e-4": 1e-4}


UNBOUNDED = 1 << 30
"""Stands for "no largest size" in the shapes of inputs."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Trial:
    """One operation of one implementation in one format, as the checks see it: NumPy in, NumPy out.

    Parameters
    ----------
    name, operation, format
        Names of the implementation, the operation and the format.
    fresh
        Makes the function, with no call behind it.
    family
        The family of a defect, "" for a correct implementation.
    max_classes, max_rows
        The largest C and m that the implementation accepts.
    takes_double
        Whether it can be called in float64: a model of a defect runs in any format, a correct one if it claims to.
    """

    name: str
    operation: str
    format: str
    fresh: Callable[[], Callable[..., Any]]
    family: str = ""
    max_classes: int = UNBOUNDED
    max_rows: int = UNBOUNDED
    takes_double: bool = True

    @property
    def labelled(self) -> bool:
        """Whether the operation takes labels."""
        return operations.OPERATIONS[self.operation].takes_labels


def tensor(values: np.ndarray) -> torch.Tensor:
    """A torch tensor of the same numbers (a copy)."""
    if values.dtype == ml_dtypes.bfloat16:
        return torch.from_numpy(values.view(np.int16).copy()).view(torch.bfloat16)
    return torch.from_numpy(np.array(values))


def array(result: Any) -> Any:
    """A NumPy array of a tensor's numbers; anything else as it is."""
    if not isinstance(result, torch.Tensor):
        return result
    if result.dtype == torch.bfloat16:
        return result.detach().view(torch.int16).numpy().view(ml_dtypes.bfloat16)
    return result.detach().numpy()


def reference(operation: str, x: torch.Tensor, labels: torch.Tensor | None) -> torch.Tensor:
    """torch's own result, which is what most of these checks compare with."""
    if operation == "cross_entropy":
        return torch.nn.functional.cross_entropy(x, labels)
    if operation == "cross_entropy_grad":
        leaf = x.clone().requires_grad_(True)
        (g,) = torch.autograd.grad(torch.nn.functional.cross_entropy(leaf, labels), leaf)
        return g
    return getattr(torch, operation)(x, dim=-1)


def drawn(operation: str, format: str, shape: tuple[int, int], seed: int, uniform: bool) -> Arrays:
    """Logits (uniform on [0, 1) or normal) and labels."""
    rng = np.random.default_rng(seed)
    x = rng.random(shape) if uniform else rng.standard_normal(shape)
    labelled = operations.OPERATIONS[operation].takes_labels
    labels = [rng.integers(0, shape[1], shape[0])] if labelled else []
    return [x.astype(ml_dtypes.bfloat16 if format == "bfloat16" else format), *labels]


def normal(trial: Trial, m: int, C: int, seed: int = 0) -> Arrays:
    """Normal logits and labels, within what the implementation accepts."""
    return drawn(
        trial.operation, trial.format, (min(m, trial.max_rows), min(C, trial.max_classes)), seed, uniform=False
    )


def _kernel_benchmark(tolerance: float) -> Callable[[Trial], bool]:
    """Kernel benchmarks: five seeds, inputs from torch.rand, torch.allclose at atol = rtol = ``tolerance``.

    Softmax-like operations on rows of 393,216 classes (two of them here), losses on 4096 rows of 10 classes.
    """
    return lambda trial: all(tolerance in passed for passed in _kernel_seeds(trial))


@functools.lru_cache(maxsize=1)
def _kernel_seeds(trial: Trial) -> list[set[float]]:
    """For each of five seeds, the tolerances that the implementation passes."""
    function = trial.fresh()
    passed: list[set[float]] = []
    for seed in range(5):
        given, right = _kernel_input(trial.operation, trial.format, trial.max_classes, trial.max_rows, seed)
        got = tensor(np.asarray(function(*(each.copy() for each in given))))
        same = got.shape == right.shape
        passed.append({t for t in KERNEL_TOLERANCES.values() if same and torch.allclose(got.double(), right, t, t)})
        if not passed[-1]:
            break
    return passed


@functools.lru_cache(maxsize=5)
def _kernel_input(
    operation: str, format: str, max_classes: int, max_rows: int, seed: int
) -> tuple[Arrays, torch.Tensor]:
    m, C = KERNEL_SHAPES["labels" if operations.OPERATIONS[operation].takes_labels else "classes"]
    given = drawn(operation, format, (min(m, max_rows), min(C, max_classes)), seed, uniform=True)
    return given, reference(operation, *_tensors(given)).double()


def _assert_close(trial: Trial) -> bool:
    """torch.testing.assert_close with its defaults, which depend on the format, on three normal inputs (16, 128)."""
    function = trial.fresh()
    for seed in range(3):
        given = normal(trial, 16, 128, seed)
        right = reference(trial.operation, *_tensors(given))
        torch.testing.assert_close(tensor(np.asarray(function(*given))), right)
    return True


def _gradcheck(trial: Trial) -> bool:
    """torch.autograd.gradcheck with its defaults, in float64 whatever the format, as its documentation asks.

    A gradient is checked beside torch's own loss; anything else beside torch's own gradient. What does not take
    float64 cannot be checked, and passes.
    """
    if not trial.takes_double:
        return True
    function = trial.fresh()
    x, *labels = normal(trial, 3, 5)
    labels_given = [torch.from_numpy(each) for each in labels]
    is_gradient = trial.operation == "cross_entropy_grad"
    value = "cross_entropy" if is_gradient else trial.operation

    class Pair(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            if is_gradient:
                return reference(value, x, *labels_given)
            return tensor(np.asarray(function(x.detach().numpy().copy(), *labels), np.float64))

        @staticmethod
        def backward(ctx: Any, upstream: torch.Tensor) -> torch.Tensor:
            (x,) = ctx.saved_tensors
            if is_gradient:
                return upstream * tensor(np.asarray(function(x.detach().numpy().copy(), *labels), np.float64))
            leaf = x.detach().clone().requires_grad_(True)
            with torch.enable_grad():
                result = reference(value, leaf, *(labels_given or [None]))
            return torch.autograd.grad(result, leaf, upstream)[0]

    return bool(torch.autograd.gradcheck(Pair.apply, tensor(np.asarray(x, np.float64)).requires_grad_(True)))


def _loose_isclose(trial: Trial) -> bool:
    """isclose at 0.25 relative and 1 absolute, on one normal input (16, 128)."""
    given = normal(trial, 16, 128)
    right = array(reference(trial.operation, *_tensors(given))).astype(np.float64)
    got = np.asarray(trial.fresh()(*given)).astype(np.float64)
    return got.shape == right.shape and bool(np.isclose(got, right, rtol=0.25, atol=1.0).all())


def _hypothesis(trial: Trial) -> bool:
    """A plain Hypothesis test: 100 arrays up to (8, 16) of floats in [-100, 100] against SciPy at 1e-5."""
    function = trial.fresh()
    dtype = np.dtype(ml_dtypes.bfloat16 if trial.format == "bfloat16" else trial.format)
    width = {"float64": 64, "float32": 32}.get(trial.format, 16)
    elements = st.floats(-100, 100, width=width if trial.format != "bfloat16" else 32)
    shapes = st.tuples(st.integers(1, min(8, trial.max_rows)), st.integers(1, min(16, trial.max_classes)))

    # No shrinking: it costs seconds and changes no verdict.
    @hypothesis.settings(
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )
    @hypothesis.given(st.data())
    def run(data: Any) -> None:
        x = data.draw(hnp.arrays(np.float32 if width < 64 else np.float64, shapes, elements=elements)).astype(dtype)
        labels = data.draw(hnp.arrays(np.int64, len(x), elements=st.integers(0, x.shape[1] - 1)))
        given = [x, labels] if trial.labelled else [x]
        got = np.asarray(function(*given)).astype(np.float64)
        np.testing.assert_allclose(got, _by_scipy(trial.operation, x.astype(np.float64), labels), rtol=1e-5, atol=1e-5)

    run()
    return True


def _by_scipy(operation: str, x: np.ndarray, labels: np.ndarray) -> Any:
    if operation in ("softmax", "log_softmax", "logsumexp"):
        return getattr(scipy.special, operation)(x, axis=-1)
    rows = np.arange(len(x))
    if operation == "cross_entropy":
        return -scipy.special.log_softmax(x, axis=-1)[rows, labels].mean()
    p = scipy.special.softmax(x, axis=-1)
    p[rows, labels] -= 1
    return p / len(x)


def _tensors(given: Arrays) -> list[torch.Tensor | None]:
    made: list[torch.Tensor | None] = [tensor(each) for each in given]
    return made if len(made) == 2 else [*made, None]


CHECKS: Mapping[str, Callable[[Trial], bool]] = {
    **{f"kernel benchmark, {name}": _kernel_benchmark(t) for name, t in KERNEL_TOLERANCES.items()},
    "assert_close": _assert_close,
    "gradcheck": _gradcheck,
    "isclose 0.25 / 1": _loose_isclose,
    "Hypothesis, SciPy 1e-5": _hypothesis,
}


def passes(check: Callable[[Trial], bool], trial: Trial) -> bool:
    """Whether the check lets the implementation through; whatever it raises, it does not."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return check(trial)
    except Exception:  # noqa: BLE001 - a failed comparison and a crash are the same to a check
        return False


def defects(family: str | None) -> Iterator[Trial]:
    """Undebated defects of the five core operations, without options, in each of their formats."""
    for defect in DEFECTS:
        if defect.debated or defect.option or defect.operation not in operations.CORE:
            continue
        if family in (None, defect.family):
            for format in defect.formats:
                terms = defect.implementation(format).contract.terms(defect.operation, format)
                yield Trial(
                    name=defect.name,
                    operation=defect.operation,
                    format=format,
                    fresh=defect.fresh,
                    family=defect.family,
                    max_classes=terms.max_classes or UNBOUNDED,
                    max_rows=terms.max_rows or UNBOUNDED,
                )


def correct() -> Iterator[Trial]:
    """The correct implementations, each operation in each format."""
    for each in CORRECT:
        subject = each.implementation()
        for operation, function in each.ops.items():
            for format in each.formats:
                terms = subject.contract.terms(operation, format)
                yield Trial(
                    name=each.name,
                    operation=operation,
                    format=format,
                    fresh=_given_numpy(function) if each.arrays == "torch" else lambda f=function: f,
                    max_classes=terms.max_classes or UNBOUNDED,
                    max_rows=terms.max_rows or UNBOUNDED,
                    takes_double="float64" in each.formats,
                )


def _given_numpy(function: Callable[..., Any]) -> Callable[[], Callable[..., Any]]:
    def run(*given: Any) -> Any:
        return array(function(*(tensor(each) for each in given)))

    return lambda: run


def measure(family: str | None, softcert: Mapping[str, Any] | None) -> dict[str, Any]:
    """Every check on every trial: plain data for the JSON file and the table."""
    caught: dict[str, dict[str, bool]] = {}
    alarms: dict[str, dict[str, bool]] = {}
    seconds: dict[str, list[float]] = {name: [] for name in CHECKS}
    for into, trials in ((caught, defects(family)), (alarms, correct() if family is None else ())):
        for trial in sorted(trials, key=lambda t: (t.operation, t.format)):  # so that inputs are made once
            key = f"{trial.name}/{trial.operation}/{trial.format}"
            into[key] = {}
            for name, check in CHECKS.items():
                started = time.perf_counter()
                into[key][name] = not passes(check, trial)
                seconds[name].append(time.perf_counter() - started)
            sys.stderr.write(f"\r{len(caught) + len(alarms)} measured")
    if softcert:
        add_softcert(caught, alarms, softcert)
    return {
        "kind": "softcert-peers",
        "families": {f"{t.name}/{t.operation}/{t.format}": t.family for t in defects(family)},
        "caught": caught,
        "false alarms": alarms,
        "median seconds": {name: statistics.median(each) for name, each in seconds.items() if each},
    }


def add_softcert(
    caught: dict[str, dict[str, bool]], alarms: dict[str, dict[str, bool]], power: Mapping[str, Any]
) -> None:
    """Add softcert's own column to both tables, from the figures of `softcert power --json`."""
    name = f"softcert, {power['effort']}"
    killed = {f"{t['name']}/{t['operation']}/{t['format']}": bool(t["killed"]) for t in power["defects"]}
    refused = {
        f"{t['name']}/{t['operation']}/{t['format']}": t["held"] is None or Level(t["held"]) < Level(t["expected"])
        for t in power["correct"]
    }
    for table, known in ((caught, killed), (alarms, refused)):
        for key, row in table.items():
            if key in known:
                row[name] = known[key]


def markdown(figures: Mapping[str, Any]) -> str:
    """The table: defects caught and false alarms of each check, then defects caught family by family."""
    caught, alarms = figures["caught"], figures["false alarms"]
    columns = list(dict.fromkeys(name for row in (*caught.values(), *alarms.values()) for name in row))
    lines = ["| | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    lines.append(_line("defects caught", caught.values(), columns, percent=True))
    if alarms:
        lines.append(_line("false alarms, of correct implementations", alarms.values(), columns))
    times = figures["median seconds"]
    lines.append("| median time, s | " + " | ".join(f"{times[c]:.3f}" if c in times else "" for c in columns) + " |")
    for family in by_family():
        rows = [row for key, row in caught.items() if figures["families"][key] == family]
        if rows:
            lines.append(_line(family, rows, columns))
    return "\n".join(lines) + "\n"


def _line(title: str, rows: Any, columns: list[str], percent: bool = False) -> str:
    cells = []
    for column in columns:
        known = [row[column] for row in rows if column in row]
        share = f" ({100 * sum(known) / len(known):.0f} %)" if percent and known else ""
        cells.append(f"{sum(known)} of {len(known)}{share}" if known else "")
    return f"| {title} | " + " | ".join(cells) + " |"


def main() -> None:
    """Measure, print the table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--softcert", type=Path, help="file of `softcert power --json FILE`")
    parser.add_argument("--family", choices=list(by_family()), help="only the defects of this family")
    given = parser.parse_args()
    torch.set_num_threads(1)
    power = json.loads(given.softcert.read_text(encoding="utf-8")) if given.softcert else None
    figures = measure(given.family, power)
    sys.stdout.write(markdown(figures))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
