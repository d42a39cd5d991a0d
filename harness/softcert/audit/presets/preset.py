"""What a preset is: on which inputs, beside which reference, how near. Each rule is data, run by one function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from softcert.assertions.arrays import as_numpy, like
from softcert.audit.candidates import Candidate
from softcert.tolerances.inputs import draw
from softcert_oracle import operations
from softcert_oracle.errors import UsageError

BUDGETS: Mapping[str, int] = {"quick": 400_000, "standard": 6_000_000, "thorough": 50_000_000}
"""By effort: logits of one case. Rows are left out beyond it, classes never: the law of a row decides what passes."""

DRAWS: Mapping[str, int] = {"quick": 2, "standard": 5, "thorough": 5}
"""By effort: draws of one input at most, where a rule asks for several."""


@dataclass(frozen=True, kw_only=True)
class Near:
    """How near is near enough.

    Attributes
    ----------
    atol, rtol
        The tolerances.
    rule
        "sum": abs(error) <= atol + rtol abs(expected), as in allclose. "either": a number is wrong only if it is beyond
        atol *and* beyond rtol.
    ratio
        The share of the numbers that must be near.
    """

    atol: float
    rtol: float
    rule: str = "sum"
    ratio: float = 1.0

    def holds(self, got: np.ndarray, expected: np.ndarray) -> bool:
        """Whether a result is near enough."""
        if got.shape != expected.shape:
            return False
        with np.errstate(invalid="ignore", over="ignore"):
            error = np.abs(got - expected)
            if self.rule == "either":
                near = ~((error > self.atol) & (error / (np.abs(expected) + 1e-8) > self.rtol))
            else:
                near = (error <= self.atol + self.rtol * np.abs(expected)) | (got == expected)
        return float(np.mean(near)) >= self.ratio if near.size else True


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The inputs of a rule: logits of a law, of a published shape, times a scale."""

    law: str
    rows: int
    classes: int
    scale: float = 1.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Preset:
    """A public check.

    Attributes
    ----------
    name, title
        What it is asked for by, and what it is.
    source, read
        Where the rule stands, and the date on which it was read.
    near
        How near, by format; "" for every other.
    inputs
        By kind of operation: "labels" for losses and their gradients, "rows" for the others, or an operation's name.
    seeds
        How many draws of each input.
    own
        A check that is more than a comparison with torch's result; it gets the candidate.
    """

    name: str
    title: str
    source: str
    read: str
    near: Mapping[str, Near] = field(default_factory=dict)
    inputs: Mapping[str, tuple[Inputs, ...]] = field(default_factory=dict)
    seeds: int = 1
    own: Callable[[Candidate], Any] | None = None

    def at(self, effort: str) -> Callable[[Candidate], bool]:
        """The check at an effort."""
        if effort not in BUDGETS:
            raise UsageError(f"effort={effort!r}: give {', '.join(BUDGETS)}.")
        if self.own is not None:
            own = self.own
            return lambda candidate: own(candidate) is not False
        return lambda candidate: self._compares(candidate, BUDGETS[effort], self.draws(effort))

    def sizes(self, operation: str, effort: str) -> list[tuple[int, int, int]]:
        """By input: published rows, rows that are run at an effort, classes."""
        return [(i.rows, _rows(i, BUDGETS[effort]), i.classes) for i in self._inputs(operation)]

    def draws(self, effort: str) -> int:
        """How many draws of each input are run at an effort."""
        return min(self.seeds, DRAWS[effort])

    def _inputs(self, operation: str) -> tuple[Inputs, ...]:
        kind = "labels" if operations.lookup(operation).takes_labels else "rows"
        return self.inputs.get(operation, self.inputs.get(kind, ()))

    def _compares(self, candidate: Candidate, budget: int, draws: int) -> bool:
        near = self.near.get(candidate.format, self.near.get("", None))
        if near is None:
            raise UsageError(f"preset={self.name!r} says nothing of {candidate.format}.")
        for given in self._inputs(candidate.operation):
            for seed in range(draws):
                key = (candidate.operation, candidate.format, given.law, _rows(given, budget), given.classes)
                arguments, expected = _case(*key, scale=given.scale, seed=seed)
                got = as_numpy("got", candidate(*(like_torch(a.copy()) for a in arguments)))
                if not near.holds(got.astype(np.float64), expected):
                    return False
        return True


def _rows(given: Inputs, budget: int) -> int:
    return max(1, min(given.rows, budget // given.classes))


def like_torch(values: np.ndarray) -> Any:
    """A NumPy array as a tensor."""
    return like(values, _torch().zeros(0))


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise UsageError("presets compare with torch's results: pip install torch.") from None
    return torch


@lru_cache(maxsize=8)
def _case(
    operation: str, format: str, law: str, rows: int, classes: int, *, scale: float, seed: int
) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """Arguments, and torch's result in the format as float64."""
    made = draw(law, format, rows, classes, seed)
    x = (made.x.astype(np.float64) * scale).astype(made.x.dtype) if scale != 1.0 else made.x
    labelled = operations.lookup(operation).takes_labels
    arguments = (x, made.labels) if labelled else (x,)
    return arguments, as_numpy("expected", reference(operation, *map(like_torch, arguments))).astype(np.float64)


def reference(operation: str, x: Any, labels: Any = None) -> Any:
    """torch's own result, which most checks compare with."""
    torch = _torch()
    if operation == "cross_entropy":
        return torch.nn.functional.cross_entropy(x, labels)
    if operation == "cross_entropy_grad":
        leaf = x.detach().clone().requires_grad_(True)
        return torch.autograd.grad(torch.nn.functional.cross_entropy(leaf, labels), leaf)[0]
    return getattr(torch, operation)(x, dim=-1)
