"""Relations: properties that need the subject to be called again, on an input that is related to the first.

Both outputs of a pair are judged by the truth as well; the relation says what kind of dependence is wrong. The slack
is the sum of the two limits, at "stable", and at "sound" where that fails.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import build, explicit
from softcert.properties.check import Check, from_ratios
from softcert.properties.structure import EVALUATION, MARGIN
from softcert.properties.trial import Trial
from softcert_oracle.numbers import formats

Run = Callable[[str, Case], Trial | None]
"""Calls the subject with an operation on a case, judges the output by itself, and gives the trial (None: no output)."""


def bases(format: str, count: int) -> list[Case]:
    """Cases whose logits are short dyadic numbers: shifts, permutations and copies of them are exact."""
    fmt = formats.lookup(format)
    step = 0.25 if fmt.precision >= 8 else 1.0
    spans = (12, 24, 40) if fmt.precision >= 8 else (4, 5, 6)
    found = []
    for number in range(count):
        rng = np.random.default_rng([number, 77])
        m, C = ((2, 5), (1, 3), (3, 17), (1, 10))[number % 4]
        x = rng.integers(-spans[number % 3], spans[number % 3] + 1, (m, C)) * step
        labels = rng.integers(0, C, m)
        found.append(explicit(Case("relation", m, C, format), x, labels))
    return found


def check(operation: str, run: Run, offered: frozenset[str], cases: list[Case]) -> Iterator[tuple[Case, Check]]:
    """All relations of one operation on the base cases. ``offered``: the operations that the subject has."""
    for case in cases:
        first = run(operation, case)
        if first is None:
            continue
        for name, relate in _RELATIONS.items():
            found = relate(operation, run, case, first)
            if found is not None:
                yield case, _relation(name, *found)
        for pair in _consistencies(operation, run, offered, case, first):
            yield case, pair
        if operation == "cross_entropy_grad" and "cross_entropy" in offered:
            difference = _differences(run, case, first)
            if difference is not None:
                yield case, difference


Pair = tuple[np.ndarray, np.ndarray, Callable[[str], np.ndarray]]
"""Two outputs that ought to be equal, and the slack between them as a function of the level."""


def limit(trial: Trial, level: str) -> np.ndarray:
    """The limits of a trial as float64."""
    return trial.truth.limit(level).numbers.to_float()


def compare(property: str, a: np.ndarray, b: np.ndarray, slack: np.ndarray, level: str) -> Check:
    """A check that two outputs agree within a slack; NaN agrees with NaN, an infinity with itself."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        ratios = np.where(same, 0.0, np.abs(a - b) / (slack + EVALUATION * np.abs(b)))
    found = from_ratios(property, level, np.atleast_1d(ratios), MARGIN, unit="slack")
    index = found.index if np.ndim(a) else ()
    cause = "" if not found.failed else "nan" if np.isnan(a).any() or np.isnan(b).any() else "value"
    return Check(
        property, level, found.checked, found.violated, found.undecided, found.ratio, index, cause,
        found.ratio, 1.0, "slack",
    )  # fmt: skip


def _relation(property: str, a: np.ndarray, b: np.ndarray, slack: Callable[[str], np.ndarray]) -> Check:
    stable = compare(property, a, b, slack("stable"), "stable")
    if not stable.failed:
        return stable
    sound = compare(property, a, b, slack("sound"), "sound")
    return sound if sound.failed else stable


def _related(case: Case, x: np.ndarray, labels: np.ndarray | None = None) -> Case:
    inputs = build(case)
    return explicit(case, x, inputs.labels if labels is None else labels)


def _shift(operation: str, run: Run, case: Case, first: Trial) -> Pair | None:
    by = 32.0 if formats.lookup(case.format).precision >= 8 else 1.0
    second = run(operation, _related(case, build(case).exact + by))
    if second is None:
        return None
    moved = by if operation == "logsumexp" else 0.0
    return first.got + moved, second.got, lambda level: limit(first, level) + limit(second, level)


def _permutation(operation: str, run: Run, case: Case, first: Trial) -> Pair | None:
    inputs = build(case)
    C = case.classes
    order = np.roll(np.arange(C)[::-1], 1)
    labels = np.argsort(order)[inputs.labels]
    second = run(operation, _related(case, inputs.exact[:, order], labels))
    if second is None:
        return None
    by_class = first.got.ndim == 2
    pick: Callable[[np.ndarray], np.ndarray] = (lambda a: a[:, order]) if by_class else (lambda a: a)
    return pick(first.got), second.got, lambda level: pick(limit(first, level)) + limit(second, level)


def _padding(operation: str, run: Run, case: Case, first: Trial) -> Pair | None:
    if not formats.lookup(case.format).has_infinity:
        return None
    inputs, C = build(case), case.classes
    padded = np.hstack([inputs.exact, np.full((case.rows_count, 3), -np.inf)])
    second = run(operation, _related(case, padded))
    if second is None:
        return None
    cut: Callable[[np.ndarray], np.ndarray] = (lambda a: a[:, :C]) if second.got.ndim == 2 else (lambda a: a)
    return first.got, cut(second.got), lambda level: limit(first, level) + cut(limit(second, level))


def _duplication(operation: str, run: Run, case: Case, first: Trial) -> Pair | None:
    if operation not in ("softmax", "log_softmax", "logsumexp"):
        return None
    inputs, C = build(case), case.classes
    second = run(operation, _related(case, np.hstack([inputs.exact, inputs.exact])))
    if second is None:
        return None
    cut: Callable[[np.ndarray], np.ndarray] = (lambda a: a[:, :C]) if second.got.ndim == 2 else (lambda a: a)
    expected = {"softmax": first.got / 2, "log_softmax": first.got - math.log(2), "logsumexp": first.got + math.log(2)}
    return expected[operation], cut(second.got), lambda level: limit(first, level) + cut(limit(second, level))


def _alone(operation: str, run: Run, case: Case, first: Trial) -> Pair | None:
    if first.got.ndim == 0 or case.rows_count < 2 or operation == "cross_entropy":
        return None
    inputs, last = build(case), case.rows_count - 1
    second = run(operation, _related(case, inputs.exact[last:], inputs.labels[last:]))
    if second is None:
        return None
    divided = operation == "cross_entropy_grad" and first.terms.reduction == "mean"
    share = case.rows_count if divided else 1
    return (
        first.got[last:], second.got / share,
        lambda level: limit(first, level)[last:] + limit(second, level) / share,
    )  # fmt: skip


_RELATIONS: Mapping[str, Callable[[str, Run, Case, Trial], Pair | None]] = {
    "shift": _shift,
    "permutation": _permutation,
    "padding": _padding,
    "duplication": _duplication,
    "batch_independence": _alone,
}


def _consistencies(operation: str, run: Run, offered: frozenset[str], case: Case, first: Trial) -> Iterator[Check]:
    partner = {"softmax": "log_softmax", "log_softmax": "logsumexp", "cross_entropy": "log_softmax"}.get(operation)
    if partner is None or partner not in offered:
        return
    other = run(partner, case)
    if other is None or (operation == "cross_entropy" and first.terms.reduction != "mean"):
        return
    x, rows = first.truth.rows.x, np.arange(case.rows_count)
    if operation == "softmax":
        with np.errstate(under="ignore"):
            p = np.exp(other.got)
        yield _relation("consistency", first.got, p, lambda v: limit(first, v) + p * np.expm1(limit(other, v)))
    elif operation == "log_softmax":
        # x - lse is exact to one rounding of float64, which `compare` allows for.
        expected = x - other.got[:, None]
        scale = EVALUATION * (np.abs(x) + np.abs(other.got[:, None]))
        slack = lambda v: limit(first, v) + limit(other, v)[:, None] + scale  # noqa: E731
        yield _relation("consistency", first.got, expected, slack)
    else:
        assert first.truth.labels is not None
        picked = -other.got[rows, first.truth.labels]
        mean = np.asarray(math.fsum(picked) / max(len(picked), 1))
        slack = lambda v: limit(first, v) + limit(other, v)[rows, first.truth.labels].mean()  # noqa: E731
        yield _relation("consistency", first.got, mean, slack)


_THIRD = 1 / (6 * math.sqrt(3))  # the largest third derivative of a loss along one logit: p(1-p)(1-2p)


def _differences(run: Run, case: Case, gradient: Trial) -> Check | None:
    if formats.lookup(case.format).precision < 24 or case.rows_count != 1 or gradient.terms.reduction == "none":
        return None
    inputs = build(case)
    base = run("cross_entropy", case)
    if base is None:
        return None
    bound = float(np.max(limit(base, "stable")))
    # The best step (3 b / f''')^(1/3), as a power of two, so that x + h and x - h are exact.
    h = 2.0 ** round(math.log2((3 * bound / _THIRD) ** (1 / 3)))
    quotients, slack = [], []
    for j in range(case.classes):
        step = np.zeros_like(inputs.exact)
        step[0, j] = h
        up, down = (run("cross_entropy", _related(case, inputs.exact + s)) for s in (step, -step))
        if up is None or down is None:
            return None
        quotients.append(float(np.ravel(up.got)[0] - np.ravel(down.got)[0]) / (2 * h))
        noise = float(np.ravel(limit(up, "sound"))[0] + np.ravel(limit(down, "sound"))[0])
        slack.append(_THIRD * h * h / 6 + noise / (2 * h))
    total = np.array([slack]) + limit(gradient, "sound")
    return compare("gradient_differences", gradient.got, np.array([quotients]), total, "sound")
