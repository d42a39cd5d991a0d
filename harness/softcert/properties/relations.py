"""Relations: properties that need the subject to be called again, on an input that is related to the first.

Both outputs of a pair are judged by the truth as well; the relation says what kind of dependence is wrong. The slack
is the sum of the two limits, at "stable", and at "sound" where that fails.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import explicit
from softcert.properties.check import NAN, VALUE, Check, from_ratios
from softcert.properties.judged_call import JudgedCall
from softcert_oracle.judging.properties import EVALUATION, MARGIN
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats

Run = Callable[[str, Case], JudgedCall | None]
"""Calls the subject with an operation on a case; None where there is no output. What is judged, is so later."""

Comparison = Callable[[], Check | None]
"""Compares outputs that are there already: the subject is called first, and its outputs are judged together later."""

Slack = Callable[[], np.ndarray]
"""How far two outputs may be apart. Asked for only where they differ: a limit costs more than most comparisons."""


def bases(format: str, count: int) -> list[Case]:
    """Cases whose logits are short dyadic numbers: shifts, permutations and copies of them are exact."""
    fmt = formats.lookup(format)
    step = 0.25 if fmt.precision >= 8 else 1.0
    spans = (12, 24, 40) if fmt.precision >= 8 else (4, 5, 6)
    cases = []
    for number in range(count):
        rng = np.random.default_rng([number, 77])
        m, C = ((2, 5), (1, 3), (3, 17), (1, 10))[number % 4]
        x = rng.integers(-spans[number % 3], spans[number % 3] + 1, (m, C)) * step
        labels = rng.integers(0, C, m)
        cases.append(explicit(Case.of("relation", m, C, format), x, labels))
    return cases


def comparisons(
    operation: str, run: Run, offered: frozenset[str], cases: list[Case]
) -> Iterator[tuple[Case, Comparison]]:
    """Make the calls of all relations of one operation on the base cases, and yield how their outputs are compared.

    Parameters
    ----------
    operation
        The operation of the outputs that the relations are about.
    run
        Makes one call.
    offered
        The operations that the subject has.
    cases
        The base cases.
    """
    for case in cases:
        first = run(operation, case)
        if first is None:
            continue
        for name, relate in _RELATIONS.items():
            pair = relate(operation, run, first)
            if pair is not None:
                yield case, partial(_relation, name, pair)
        for consistency in _consistencies(run, offered, first):
            yield case, consistency
        if operation == "cross_entropy_grad" and "cross_entropy" in offered:
            difference = _differences(run, first)
            if difference is not None:
                yield case, difference


def check(operation: str, run: Run, offered: frozenset[str], cases: list[Case]) -> Iterator[tuple[Case, Check]]:
    """The checks of all relations of one operation on the base cases, each made as soon as its calls are."""
    for case, comparison in comparisons(operation, run, offered, cases):
        outcome = comparison()
        if outcome is not None:
            yield case, outcome


@dataclass(frozen=True, eq=False)
class Pair:
    """Two outputs that ought to be equal, and the slack between them as a function of the level."""

    first: np.ndarray
    second: np.ndarray
    slack: Callable[[Level], np.ndarray]


def compare(property_name: str, a: np.ndarray, b: np.ndarray, slack: Slack, level: Level) -> Check:
    """A check that two outputs agree within a slack; NaN agrees with NaN, an infinity with itself."""
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    ratios = np.zeros(np.shape(same))
    if not same.all():
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            ratios = np.where(same, 0.0, np.abs(a - b) / (slack() + EVALUATION * np.abs(b)))
    outcome = from_ratios(property_name, level, np.atleast_1d(ratios), MARGIN)
    cause = "" if not outcome.failed else NAN if np.isnan(a).any() or np.isnan(b).any() else VALUE
    index = outcome.index if np.ndim(a) else ()
    return replace(outcome, index=index, cause=cause, measured=outcome.ratio, limit=1.0, unit="slack")


def _relation(name: str, pair: Pair) -> Check:
    stable = compare(name, pair.first, pair.second, partial(pair.slack, Level.STABLE), Level.STABLE)
    if not stable.failed:
        return stable
    sound = compare(name, pair.first, pair.second, partial(pair.slack, Level.SOUND), Level.SOUND)
    return sound if sound.failed else stable


def _related(first: JudgedCall, x: np.ndarray, labels: np.ndarray | None = None) -> Case:
    """The case of the first call with other logits, and other labels where they are given."""
    return explicit(first.case, x, first.inputs.labels if labels is None else labels)


def _shift(operation: str, run: Run, first: JudgedCall) -> Pair | None:
    by = 32.0 if formats.lookup(first.case.format).precision >= 8 else 1.0
    second = run(operation, _related(first, first.inputs.exact + by))
    if second is None:
        return None
    moved = by if operation == "logsumexp" else 0.0
    return Pair(first.got + moved, second.got, lambda level: first.limits(level) + second.limits(level))


def _permutation(operation: str, run: Run, first: JudgedCall) -> Pair | None:
    inputs, C = first.inputs, first.case.classes
    order = np.roll(np.arange(C)[::-1], 1)
    labels = np.argsort(order)[inputs.labels]
    second = run(operation, _related(first, inputs.exact[:, order], labels))
    if second is None:
        return None
    by_class = first.got.ndim == 2
    pick: Callable[[np.ndarray], np.ndarray] = (lambda a: a[:, order]) if by_class else (lambda a: a)
    return Pair(pick(first.got), second.got, lambda level: pick(first.limits(level)) + second.limits(level))


def _padding(operation: str, run: Run, first: JudgedCall) -> Pair | None:
    if not formats.lookup(first.case.format).has_infinity:
        return None
    inputs, C = first.inputs, first.case.classes
    padded = np.hstack([inputs.exact, np.full((first.case.rows_count, 3), -np.inf)])
    second = run(operation, _related(first, padded))
    if second is None:
        return None
    cut: Callable[[np.ndarray], np.ndarray] = (lambda a: a[:, :C]) if second.got.ndim == 2 else (lambda a: a)
    return Pair(first.got, cut(second.got), lambda level: first.limits(level) + cut(second.limits(level)))


def _duplication(operation: str, run: Run, first: JudgedCall) -> Pair | None:
    if operation not in ("softmax", "log_softmax", "logsumexp"):
        return None
    inputs, C = first.inputs, first.case.classes
    second = run(operation, _related(first, np.hstack([inputs.exact, inputs.exact])))
    if second is None:
        return None
    cut: Callable[[np.ndarray], np.ndarray] = (lambda a: a[:, :C]) if second.got.ndim == 2 else (lambda a: a)
    expected = {"softmax": first.got / 2, "log_softmax": first.got - math.log(2), "logsumexp": first.got + math.log(2)}
    share = 2 if operation == "softmax" else 1  # half a probability has half its limit
    return Pair(
        expected[operation], cut(second.got), lambda level: first.limits(level) / share + cut(second.limits(level))
    )


def _alone(operation: str, run: Run, first: JudgedCall) -> Pair | None:
    if first.got.ndim == 0 or first.case.rows_count < 2 or operation == "cross_entropy":
        return None
    inputs, last = first.inputs, first.case.rows_count - 1
    second = run(operation, _related(first, inputs.exact[last:], inputs.labels[last:]))
    if second is None:
        return None
    divided = operation == "cross_entropy_grad" and first.terms.reduction == "mean"
    share = first.case.rows_count if divided else 1
    return Pair(
        first.got[last:], second.got / share, lambda level: first.limits(level)[last:] + second.limits(level) / share
    )


_RELATIONS: Mapping[str, Callable[[str, Run, JudgedCall], Pair | None]] = {
    "shift": _shift,
    "permutation": _permutation,
    "padding": _padding,
    "duplication": _duplication,
    "batch_independence": _alone,
}


def _consistencies(run: Run, offered: frozenset[str], first: JudgedCall) -> Iterator[Comparison]:
    operation = first.operation
    partner = {"softmax": "log_softmax", "log_softmax": "logsumexp", "cross_entropy": "log_softmax"}.get(operation)
    if partner is None or partner not in offered:
        return
    other = run(partner, first.case)
    if other is None or (operation == "cross_entropy" and first.terms.reduction != "mean"):
        return
    relate = {"softmax": _of_softmax, "log_softmax": _of_log_softmax, "cross_entropy": _of_loss}[operation]
    yield partial(_relation, "consistency", relate(first, other))


def _of_softmax(first: JudgedCall, log_softmax: JudgedCall) -> Pair:
    """softmax = exp(log_softmax)."""
    with np.errstate(under="ignore"):
        p = np.exp(log_softmax.got)
    return Pair(first.got, p, lambda level: first.limits(level) + p * np.expm1(log_softmax.limits(level)))


def _of_log_softmax(first: JudgedCall, logsumexp: JudgedCall) -> Pair:
    """log_softmax = x - logsumexp, which is exact to one rounding of float64; `compare` allows for that."""
    x, lse = first.expected.rows.x, logsumexp.got[:, None]
    scale = EVALUATION * (np.abs(x) + np.abs(lse))
    return Pair(first.got, x - lse, lambda level: first.limits(level) + logsumexp.limits(level)[:, None] + scale)


def _of_loss(first: JudgedCall, log_softmax: JudgedCall) -> Pair:
    """The loss is the mean of -log_softmax at the labels."""
    labels, rows = first.expected.labels, np.arange(first.case.rows_count)
    assert labels is not None
    picked = -log_softmax.got[rows, labels]
    mean = np.asarray(math.fsum(picked) / max(len(picked), 1))
    return Pair(first.got, mean, lambda level: first.limits(level) + log_softmax.limits(level)[rows, labels].mean())


_THIRD = 1 / (6 * math.sqrt(3))  # the largest third derivative of a loss along one logit: p(1-p)(1-2p)


def _differences(run: Run, gradient: JudgedCall) -> Comparison | None:
    case, inputs = gradient.case, gradient.inputs
    if formats.lookup(case.format).precision < 24 or case.rows_count != 1 or gradient.terms.reduction == "none":
        return None
    base = run("cross_entropy", case)
    if base is None:
        return None
    bound = float(np.max(base.limits(Level.STABLE)))
    # The best step (3 b / f''')^(1/3), as a power of two, so that x + h and x - h are exact.
    h = 2.0 ** round(math.log2((3 * bound / _THIRD) ** (1 / 3)))
    pairs = []
    for j in range(case.classes):
        step = np.zeros_like(inputs.exact)
        step[0, j] = h
        up, down = (run("cross_entropy", _related(gradient, inputs.exact + s)) for s in (step, -step))
        if up is None or down is None:
            return None
        pairs.append((up, down))
    return partial(_against_quotients, gradient, pairs, h)


def _against_quotients(gradient: JudgedCall, pairs: list[tuple[JudgedCall, JudgedCall]], h: float) -> Check:
    """A gradient of one row against differences of losses, in which each logit is moved by h up and down."""
    quotients = [float(np.ravel(up.got)[0] - np.ravel(down.got)[0]) / (2 * h) for up, down in pairs]

    def slack() -> np.ndarray:
        noise = np.array([[float(np.ravel(loss.limits(Level.SOUND))[0]) for loss in pair] for pair in pairs])
        return np.asarray(noise.sum(axis=1)[None, :] / (2 * h) + _THIRD * h * h / 6 + gradient.limits(Level.SOUND))

    return compare("gradient_differences", gradient.got, np.array([quotients]), slack, Level.SOUND)
