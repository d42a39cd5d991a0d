"""The exact results of calls with options, against the definitions evaluated in mpmath, and where they are exact."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

from softcert_oracle import operations, options
from softcert_oracle.decide import decisions
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.formats import lookup
from softcert_oracle.numbers.rounding import round_to
from softcert_oracle.reference import truth
from softcert_oracle.symbolic.definitions import definitions

M, C = 3, 4
X = np.array([[0.5, -2.0, 3.25, 1.0], [700.0, 699.5, -40.0, 700.0], [-1e4, -9999.0, -1e4, -1.1e4]])
LABELS = np.array([1, 2, 0])
WEIGHT = np.array([0.5, 2.0, 0.0, 1.25])
TARGETS = np.array([[0.5, 0.25, 0.0, 1.5], [0.0, 0.0, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]])
MASK = np.array([[True, True, False, True], [True, False, True, True], [True, True, True, False]])
UPSTREAM = np.array([0.75, -2.0, 1e-3])
SHAPED = {"temperature": 0.7, "mask": MASK}


def defined(operation: str, labels: np.ndarray | None, given: dict[str, Any], upstream: Any = None) -> Any:
    """The definition of docs/options.md in 200 digits: results of rows, as nested lists; None stands for -inf."""
    mp = mpmath.mpf
    temperature, cap = mp(given.get("temperature", 1.0)), given.get("softcap")
    mask = given.get("mask", np.ones(X.shape, bool))
    z = [[mp(float(v)) for v in row] for row in X]
    slope = [[1 / temperature] * C for _ in z]
    if cap:
        slope = [[(1 - mpmath.tanh(v / mp(cap)) ** 2) / temperature for v in row] for row in z]
        z = [[mp(cap) * mpmath.tanh(v / mp(cap)) for v in row] for row in z]
    e = [[mpmath.exp(v / temperature) if mask[i, j] else mp(0) for j, v in enumerate(row)] for i, row in enumerate(z)]
    lse = [mpmath.log(mpmath.fsum(row)) for row in e]
    p = [[v / mpmath.fsum(row) for v in row] for row in e]
    l = [[None if v == 0 else mpmath.log(v) for v in row] for row in p]  # noqa: E741
    if operation in ("softmax", "log_softmax"):
        return p if operation == "softmax" else l
    if operation == "logsumexp":
        return lse
    if operation.endswith("_vjp"):
        w = [[mp(float(v)) for v in row] for row in upstream]
        centre = [mpmath.fsum(a * b for a, b in zip(r, q, strict=True)) for r, q in zip(p, w, strict=True)]
        total = [mpmath.fsum(row) for row in w]
        if operation == "softmax_vjp":
            found = [[p[i][j] * (w[i][j] - centre[i]) for j in range(C)] for i in range(M)]
        else:
            found = [[w[i][j] - p[i][j] * total[i] for j in range(C)] for i in range(M)]
        return [[found[i][j] * slope[i][j] if mask[i, j] else mp(0) for j in range(C)] for i in range(M)]
    eps, z_loss = mp(given.get("label_smoothing", 0.0)), mp(given.get("z_loss", 0.0))
    weight = [mp(float(v)) for v in given.get("weight", np.ones(C))]
    ignored = given.get("ignore_index")
    kept = [ignored is None or labels is None or labels[i] != ignored for i in range(M)]
    targets = given.get("targets")
    hard = targets is None
    t = [[mp(1.0 * (labels[i] == j)) if hard else mp(float(targets[i, j])) for j in range(C)] for i in range(M)]
    c = [[weight[j] * ((1 - eps) * t[i][j] + eps / C) if kept[i] else mp(0) for j in range(C)] for i in range(M)]
    zed = [z_loss if k else mp(0) for k in kept]
    reduction = given.get("reduction", "mean")
    divisor = mp(1)
    if reduction == "mean":
        divisor = mpmath.fsum(weight[labels[i]] for i in range(M) if kept[i]) if hard else mp(M)
    if operation == "cross_entropy":
        losses = [mpmath.fsum(-c[i][j] * l[i][j] for j in range(C) if c[i][j]) + zed[i] * lse[i] ** 2 for i in range(M)]
        return losses if reduction == "none" else mpmath.fsum(losses) / divisor
    u = [mp(float(v)) for v in (np.ones(M) if upstream is None else np.broadcast_to(upstream, (M,)))]
    total = [mpmath.fsum(row) for row in c]
    g = [[((total[i] + 2 * zed[i] * lse[i]) * p[i][j] - c[i][j]) * u[i] / divisor for j in range(C)] for i in range(M)]
    return [[g[i][j] * slope[i][j] if mask[i, j] else mp(0) for j in range(C)] for i in range(M)]


def holds(enclosure: Enclosure, values: Any) -> None:
    """Each exact value lies within its enclosure, whose relative radius is below 2^-96 (or the value is exact)."""
    flat = np.array(values, object).reshape(-1)
    assert enclosure.hi.size == flat.size
    for k, value in enumerate(flat):
        hi, lo, exponent, radius = (
            a.reshape(-1)[k] for a in (enclosure.hi, enclosure.lo, enclosure.exponent, enclosure.radius)
        )
        if value is None:
            assert hi == -np.inf
            continue
        power = mpmath.ldexp(mpmath.mpf(1), int(exponent))
        error = abs((mpmath.mpf(float(hi)) + mpmath.mpf(float(lo))) * power - value)
        assert error <= float(radius) * power + abs(value) * mpmath.mpf(10) ** -60 + mpmath.mpf(10) ** -150
        assert radius <= 2.0**-96 * abs(hi) or abs(value) < 1e-150


CALLS: list[dict[str, Any]] = [
    {},
    {"weight": WEIGHT},
    {"label_smoothing": 0.1},
    {"label_smoothing": 0.3, "weight": WEIGHT},
    {"targets": TARGETS},
    {"targets": TARGETS, "weight": WEIGHT, "label_smoothing": 0.25},
    {"ignore_index": 2},
    {"ignore_index": 1, "weight": WEIGHT, "label_smoothing": 0.5},
    {"temperature": 0.7},
    {"temperature": 2.0, "mask": MASK},
    {"softcap": 30.0},
    {"softcap": 5.0, "temperature": 3.0, "z_loss": 0.1},
    {"z_loss": 1e-4},
    {"z_loss": 0.5, "targets": TARGETS, "mask": np.ones(X.shape, bool)},
]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("given", CALLS, ids=lambda g: "+".join(g) or "plain")
def test_loss_and_gradient_are_those_of_the_definition(given: dict[str, Any], reduction: str) -> None:
    given = {**given, "reduction": reduction}
    labels = np.array([1, 2, 3]) if "mask" in given and "targets" not in given else LABELS
    labels = np.where(MASK[np.arange(M), labels], labels, 0) if "mask" in given else labels
    arguments = {"x": X, "labels": labels}
    upstream = UPSTREAM if reduction == "none" else np.array(-0.375)
    with mpmath.workdps(320):
        loss = options.reference("cross_entropy", arguments, given)
        holds(loss, defined("cross_entropy", labels, given))
        gradient = options.reference("cross_entropy_grad", arguments, {**given, "upstream": upstream})
        holds(gradient, defined("cross_entropy_grad", labels, given, upstream))


@pytest.mark.parametrize("operation", ["softmax", "log_softmax", "logsumexp", "softmax_vjp", "log_softmax_vjp"])
@pytest.mark.parametrize("given", [{}, {"temperature": 0.7}, SHAPED], ids=["plain", "temperature", "both"])
def test_maps_and_their_products_are_those_of_the_definition(operation: str, given: dict[str, Any]) -> None:
    upstream = np.random.default_rng(1).standard_normal(X.shape)
    with mpmath.workdps(320):
        got = options.reference(operation, {"x": X, "upstream": upstream}, given)
        holds(got, defined(operation, None, given, upstream))


@pytest.mark.parametrize("reduction", operations.REDUCTIONS)
def test_hessian_vector_products_are_those_of_the_loss_differentiated_twice(reduction: str) -> None:
    vector = np.random.default_rng(3).standard_normal(X.shape)
    own = definitions(C)
    second = sp.lambdify(own.x, own.hessian(1), "mpmath")  # of any label: the Hessian does not depend on it
    mp = mpmath.mpf
    with mpmath.workdps(320):
        hessians = [second(*(mp(v) for v in row)) for row in X.tolist()]
        divisor = M if reduction == "mean" else 1
        wanted = [
            [
                mpmath.fsum(h * mp(w) for h, w in zip(line, vector[i].tolist(), strict=True)) / divisor
                for line in hessian
            ]
            for i, hessian in enumerate(hessians)
        ]
        arguments = {"x": X, "labels": LABELS, "upstream": vector}
        holds(options.reference("cross_entropy_hvp", arguments, {"reduction": reduction}), wanted)


def test_linear_gradients_are_those_of_the_logits_carried_through_the_layer() -> None:
    rng = np.random.default_rng(2)
    features, weights, bias = rng.standard_normal((3, 2)), rng.standard_normal((4, 2)), rng.standard_normal(4) * 30
    arguments = {"X": features, "W": weights, "b": bias, "labels": LABELS}
    mp = mpmath.mpf
    with mpmath.workdps(120):
        products = [[mpmath.fsum(mp(a) * mp(b) for a, b in zip(f, w, strict=True)) for w in weights] for f in features]
        z = [[v + mp(c) for v, c in zip(row, bias, strict=True)] for row in products]
        p = [[mpmath.exp(v) / mpmath.fsum(mpmath.exp(q) for q in row) for v in row] for row in z]
        loss = mpmath.fsum(-mpmath.log(p[i][y]) for i, y in enumerate(LABELS)) / 3
        g = [[(p[i][j] - (LABELS[i] == j)) / 3 for j in range(4)] for i in range(3)]
        holds(options.reference("linear_cross_entropy", arguments), [loss])
        by_x, by_w, by_b = options.reference("linear_cross_entropy_grad", arguments)
        holds(by_x, [[mpmath.fsum(g[i][j] * mp(weights[j, k]) for j in range(4)) for k in range(2)] for i in range(3)])
        holds(by_w, [[mpmath.fsum(g[i][j] * mp(features[i, k]) for i in range(3)) for k in range(2)] for j in range(4)])
        holds(by_b, [mpmath.fsum(g[i][j] for i in range(3)) for j in range(4)])


NEUTRAL: list[dict[str, Any]] = [
    {"weight": np.ones(C)},
    {"ignore_index": -100},
    {"label_smoothing": 0.0},
    {"targets": np.eye(C)[LABELS]},
    {"temperature": 1.0},
    {"mask": np.ones((M, C), bool)},
    {"z_loss": 0.0},
    {"axis": 1},
    {"axis": -1},
]
TAKEN = [(o, g) for o in operations.CORE for g in NEUTRAL if set(g) <= set(operations.lookup(o).options)]


@pytest.mark.parametrize(("operation", "given"), TAKEN, ids=lambda v: v if isinstance(v, str) else next(iter(v)))
def test_a_neutral_option_leaves_the_plain_reference(operation: str, given: dict[str, Any]) -> None:
    plain = truth.reference(operation, truth.rows(X), LABELS if operation.startswith("cross") else None)
    got = options.reference(operation, {"x": X, "labels": LABELS}, given)
    double = lookup("float64")
    refine = options.refine(operation, {"x": X, "labels": LABELS}, given)
    assert np.array_equal(
        decisions.nearest(got, double, refine)[0],
        decisions.nearest(plain, double, truth.refine(operation, truth.rows(X), LABELS))[0],
    )


def test_the_axis_may_be_any_of_any_rank() -> None:
    x = np.random.default_rng(3).standard_normal((2, 4, 3, 2))
    for axis in range(-4, 4):
        got = options.reference("softmax", {"x": x}, {"axis": axis}).to_float()
        e = np.exp(x)
        assert np.allclose(got, e / e.sum(axis, keepdims=True), rtol=1e-12)
        lse = options.reference("logsumexp", {"x": x}, {"axis": axis}).to_float()
        assert np.allclose(lse, np.log(e.sum(axis)), rtol=1e-12)
        assert lse.shape == e.sum(axis).shape


def test_what_does_not_count_is_exactly_zero() -> None:
    labels = np.array([1, -100, 0])
    gradient = options.reference("cross_entropy_grad", {"x": X, "labels": labels}, {"ignore_index": -100, "mask": MASK})
    assert np.all(gradient.hi[1] == 0)
    assert np.all(gradient.radius[1] == 0)
    assert np.all(gradient.hi[~MASK] == 0)
    assert np.all(gradient.radius[~MASK] == 0)
    losses = options.reference("cross_entropy", {"x": X, "labels": labels}, {"ignore_index": -100, "reduction": "none"})
    assert losses.hi[1] == 0
    assert losses.hi[0] > 0


def test_products_with_an_even_upstream_gradient_are_exactly_zero() -> None:
    upstream = np.full(X.shape, 0.75)
    product = options.reference("softmax_vjp", {"x": X, "upstream": upstream})
    assert np.all(product.hi == 0)
    assert np.all(product.radius == 0)
    ties = np.zeros((2, 4))
    assert np.all(options.reference("log_softmax_vjp", {"x": ties, "upstream": np.ones((2, 4))}).hi == 0)
    targets = np.full((2, 4), 0.25)
    assert np.all(options.reference("cross_entropy_grad", {"x": ties}, {"targets": targets}).hi == 0)


def test_cancellation_is_resolved_and_not_rounded_away() -> None:
    x = np.array([[300.0, 0.0, -50.0]])
    upstream = np.array([[1.0, 1.0 + 2.0**-52, 1.0]])
    product = options.reference("softmax_vjp", {"x": x, "upstream": upstream})
    assert np.all(product.relative_radius() < 2.0**-96)
    # p_0 (w_0 - M) = -p_0 p_1 2^-52 up to e^-350
    assert np.isclose(float(product.to_float()[0, 0]), -np.exp(-300.0) * 2.0**-52, rtol=1e-12)
    capped = options.reference(
        "cross_entropy_grad", {"x": np.array([[80.0, 90.0, 100.0]]), "labels": np.array([2])}, {"softcap": 2.0}
    )
    assert np.all(capped.relative_radius() < 2.0**-96)
    assert np.all(capped.hi != 0)


def test_special_values_follow_the_table() -> None:
    inf = np.inf
    x = np.array([[0.0, 1.0, -inf], [2.0, 0.0, 1.0]])

    def loss(given: dict[str, Any], values: np.ndarray = x) -> float:
        return float(options.reference("cross_entropy", {"x": values, "labels": np.array([0, 1])}, given).hi)

    assert np.isfinite(loss({"label_smoothing": 0.0}))
    assert loss({"label_smoothing": 0.1}) == inf
    assert np.isfinite(loss({"targets": np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])}))
    assert loss({"ignore_index": 0, "weight": np.array([1.0, 0.0, 1.0])}) != loss({"ignore_index": 0})
    everything = {"x": x, "labels": np.array([7, 7])}
    assert np.isnan(options.reference("cross_entropy", everything, {"ignore_index": 7}).hi)
    assert options.reference("cross_entropy", everything, {"ignore_index": 7, "reduction": "sum"}).hi == 0
    nothing = np.array([[False, False, False], [True, True, True]])
    assert np.all(np.isnan(options.reference("softmax", {"x": x}, {"mask": nothing}).hi[0]))
    assert options.reference("logsumexp", {"x": x}, {"mask": nothing}).hi[0] == -inf
    capped = options.reference("softmax", {"x": x}, {}).hi[0, 2]
    assert capped == 0
    assert loss({"softcap": 5.0, "label_smoothing": 0.1}) < inf  # a soft cap makes -inf finite
    lost = np.array([[0.0, np.nan, 1.0], [2.0, 0.0, 1.0]])
    assert np.isfinite(loss({"mask": np.array([[True, False, True], [True, True, True]])}, lost))


def test_refinement_and_reference_agree() -> None:
    given = {"weight": WEIGHT, "label_smoothing": 0.1, "temperature": 0.7}
    arguments = {"x": X, "labels": LABELS}
    got = options.reference("cross_entropy_grad", arguments, given)
    refine = options.refine("cross_entropy_grad", arguments, given)
    bounds = refine(np.arange(M * C), 512)
    double = lookup("float64")
    for (low, high), hi in zip(bounds, got.to_float().reshape(-1), strict=True):
        assert round_to(low, double, "nearest") == round_to(high, double, "nearest") == hi
