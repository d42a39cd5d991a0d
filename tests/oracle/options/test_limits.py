"""Limits of calls with options: what textbook computations keep, what the plain limits are, and what they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from softcert_oracle import limits, operations, options
from softcert_oracle.decide import decisions
from softcert_oracle.limits import LEVELS, LimitParameters
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options.limits import COMPOSED
from softcert_oracle.reference import truth

Array = np.ndarray
PLAIN = LimitParameters(format="float32")


def ratio(
    operation: str, arguments: Mapping[str, Any], given: Mapping[str, Any], got: Any, level: str = "stable"
) -> float:
    """The largest error/limit over all numbers of a float32 result."""
    reference = options.reference(operation, arguments, given)
    limit = options.limit(operation, level, arguments, given, PLAIN)
    pairs = zip(reference, limit, got, strict=True) if isinstance(reference, tuple) else [(reference, limit, got)]
    worst = 0.0
    for exact, allowed, values in pairs:
        assert exact.shape == allowed.numbers.shape == np.shape(values)
        errors = decisions.error(np.asarray(values, np.float64), exact, formats.lookup("float32"))
        found = np.where(exact.is_finite, errors.ratio(allowed.numbers), 0.0)
        worst = max(worst, float(np.max(found, initial=0.0)))
    return worst


# -- textbook computations in float32 ---------------------------------------------------------------------------------


def shape_logits(x: Array, given: Mapping[str, Any], variant: int) -> Array:
    """Soft cap, temperature and mask, by division or reciprocal, tanh or its exponential form."""
    f = np.float32
    if cap := given.get("softcap"):
        a = x / f(cap) if variant % 2 else x * (f(1) / f(cap))
        with np.errstate(over="ignore"):
            th = np.tanh(a) if variant < 2 else f(2) / (f(1) + np.exp(f(-2) * a)) - f(1)
        x = f(cap) * th
    if (t := given.get("temperature", 1.0)) != 1.0:
        x = x / f(t) if variant % 2 else x * (f(1) / f(t))
    return np.where(given["mask"], x, f(-np.inf)) if "mask" in given else x


def forward(z: Array) -> tuple[Array, Array, Array]:
    """p, l and the log-sum-exp."""
    m = z.max(1, keepdims=True)
    d = z - m
    s = np.exp(d).sum(1, keepdims=True)
    return np.exp(d) / s, d - np.log(s), (m + np.log(s))[:, 0]


def textbook(operation: str, arguments: Mapping[str, Array], given: Mapping[str, Any], variant: int) -> Array:
    """Operation with options in float32, by the formulas of docs/options.md."""
    f = np.float32
    x = arguments["x"]
    p, l, lse = forward(shape_logits(x, given, variant))  # noqa: E741
    t, cap = f(given.get("temperature", 1.0)), given.get("softcap")
    slope = np.ones_like(x) / t
    if cap:
        slope = (f(1) - np.tanh(x / f(cap)) ** 2) / t
    mask = given.get("mask", np.ones(x.shape, bool))
    if operation in ("softmax", "log_softmax", "logsumexp"):
        return {"softmax": p, "log_softmax": l, "logsumexp": lse}[operation]
    if operation == "softmax_vjp":
        w = arguments["upstream"]
        v = p * (w - (p * w).sum(1, keepdims=True)) if variant % 2 else p * w - p * (p * w).sum(1, keepdims=True)
        return np.where(mask, v * slope, f(0))
    if operation == "log_softmax_vjp":
        w = arguments["upstream"]
        return np.where(mask, (w - p * w.sum(1, keepdims=True)) * slope, f(0))
    m, classes = x.shape
    labels, eps = arguments["labels"], f(given.get("label_smoothing", 0.0))
    kept = labels != given.get("ignore_index", -1)
    target = np.zeros_like(x)
    target[np.arange(m), np.where(kept, labels, 0)] = 1
    target = given.get("targets", target)
    weight = given.get("weight", np.ones(classes, f))
    c = np.where(kept[:, None], weight * ((f(1) - eps) * target + eps / f(classes)), f(0))
    z_loss = np.where(kept, f(given.get("z_loss", 0.0)), f(0))
    divisor = f(1)
    if given.get("reduction", "mean") == "mean":
        divisor = f(m) if "targets" in given else (weight[np.where(kept, labels, 0)] * kept).sum(dtype=f)
    if operation == "cross_entropy":
        losses = -np.where(c == 0, f(0), c * np.where(c == 0, f(0), l)).sum(1) + z_loss * lse * lse
        return losses if given.get("reduction") == "none" else losses.sum() / divisor
    g = (c.sum(1, keepdims=True) + f(2) * (z_loss * lse)[:, None]) * p - c
    upstream = given.get("upstream", f(1)) / divisor
    return np.where(mask, g * slope * (upstream[:, None] if np.ndim(upstream) else upstream), f(0)).astype(f)


def second_derivative(x: Array, w: Array, labels: Array, m: Any, way: int) -> Array:
    """The Hessian of the loss times w in six ways: by the formula, and as graphs of operations are differentiated."""
    at = np.arange(len(x)), labels
    one = np.float32(1)
    d = x - x.max(1, keepdims=True)
    e = np.exp(d)
    s = e.sum(1, keepdims=True)
    p = e / s
    if way == 1:  # of exp(log_softmax), 1/m first
        q = np.exp(d - np.log(s)) * w * (one / m)
        return np.asarray(q - np.exp(d - np.log(s)) * q.sum(1, keepdims=True))
    if way == 2:  # of a quotient: the second term has the square of the sum
        return np.asarray((e * w / s - e * ((e * w).sum(1, keepdims=True) / (s * s))) / m)
    if way == 3:  # of the logarithm of a sum
        g = w * (one / m) / s
        return np.asarray(e * g - e * ((e * g).sum(1, keepdims=True) / s))
    if way == 4:  # of a gradient whose label has minus the sum of the others
        w = w - w[at][:, None]
    if way == 5:  # with the label's probability from its gradient
        p[at] = (p[at] - one) + one
    return np.asarray(p * (w - (p * w).sum(1, keepdims=True)) / m)


def draw(rng: np.random.Generator, number: int) -> tuple[dict[str, Array], dict[str, Any]]:
    """Logits of some scale and offset, and every option of the loss with some probability."""
    m, classes = [(4, 5), (2, 2), (3, 40), (7, 3)][number % 4]
    scale, offset = [0.1, 1.0, 5.0, 30.0, 100.0][number % 5], [0.0, 0.0, 1000.0, -300.0][(number // 2) % 4]
    f = np.float32
    x = (rng.standard_normal((m, classes)) * scale + offset).astype(f)
    labels = rng.integers(0, classes, m)
    given: dict[str, Any] = {"reduction": ["mean", "sum", "none"][number % 3]}
    if rng.random() < 0.5:
        given["temperature"] = [0.7, 2.0, 3.0, 0.1][number % 4]
    if rng.random() < 0.4:
        given["softcap"] = [5.0, 30.0, 0.7][number % 3]
    if rng.random() < 0.5:
        given["weight"] = rng.uniform(0.1, 4.0, classes).astype(f)
    if rng.random() < 0.4:
        given["label_smoothing"] = float(rng.random())
    elif rng.random() < 0.5:
        mask = rng.random((m, classes)) < 0.7
        mask[np.arange(m), labels] = True
        given["mask"] = mask
    if rng.random() < 0.4 and "mask" not in given:
        given["targets"] = (rng.random((m, classes)) * (rng.random((m, classes)) < 0.6)).astype(f)
    elif rng.random() < 0.4:
        given["ignore_index"] = -100
        labels = np.where(np.arange(m) == 1, -100, labels)
    if rng.random() < 0.3:
        given["z_loss"] = float(rng.random())
    return {"x": x, "labels": labels, "upstream": rng.standard_normal((m, classes)).astype(f)}, given


def test_textbook_computations_with_any_options_keep_the_stable_limit() -> None:
    rng = np.random.default_rng(0)
    worst: dict[str, float] = {}
    for number in range(60):
        arguments, given = draw(rng, number)
        for operation in ("softmax", "log_softmax", "logsumexp", *PRODUCTS[:2], *LOSSES):
            fitting, taken = taken_by(operation, arguments, given)
            if operation == "cross_entropy_grad" and given["reduction"] == "none":
                taken["upstream"] = arguments["upstream"][:, 0]
            with np.errstate(all="ignore"):
                got = textbook(operation, fitting, taken, number % 4)
            worst[operation] = max(worst.get(operation, 0.0), ratio(operation, fitting, taken, got))
    assert max(worst.values()) <= 1.0, worst
    assert min(worst.values()) > 0.1, worst  # and the limits are within a factor of ten of what happens


LOSSES = ("cross_entropy", "cross_entropy_grad")
PRODUCTS = ("softmax_vjp", "log_softmax_vjp", "cross_entropy_hvp")


def taken_by(
    operation: str, arguments: dict[str, Array], given: dict[str, Any]
) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arguments and options of a draw that fit an operation: an ignored label is one only as an option."""
    taken = {k: v for k, v in given.items() if k in operations.lookup(operation).options}
    if "ignore_index" not in taken:
        arguments = {**arguments, "labels": np.maximum(arguments["labels"], 0)}
    return arguments, taken


def test_second_derivatives_keep_the_stable_limit_however_a_graph_makes_them() -> None:
    rng = np.random.default_rng(11)
    worst = dict.fromkeys(range(6), 0.0)
    for number in range(40):
        arguments, given = draw(rng, number)
        arguments, taken = taken_by("cross_entropy_hvp", arguments, given)
        w = arguments["upstream"]
        w[np.arange(len(w)), arguments["labels"]] *= [1.0, 100.0][number % 2]
        divisor = np.float32(len(w) if given["reduction"] == "mean" else 1)
        for way in worst:
            got = second_derivative(arguments["x"], w, arguments["labels"], divisor, way)
            worst[way] = max(worst[way], ratio("cross_entropy_hvp", arguments, taken, got))
    assert max(worst.values()) <= 1.0, worst


def test_textbook_linear_layers_keep_the_stable_limit() -> None:
    rng, f = np.random.default_rng(1), np.float32
    for number in range(40):
        m, classes, count = [(4, 5, 3), (2, 2, 17), (9, 6, 1)][number % 3]
        scale = [0.3, 3.0, 30.0][number % 3]
        features, weights = (rng.standard_normal(s).astype(f) for s in ((m, count), (classes, count)))
        bias, labels = (rng.standard_normal(classes) * scale).astype(f), rng.integers(0, classes, m)
        arguments = {"X": features, "W": weights, "b": bias, "labels": labels}
        p, l, _ = forward(features @ weights.T + bias)  # noqa: E741
        given = {"reduction": ["mean", "sum", "none"][number % 3]}
        losses = -l[np.arange(m), labels]
        loss = {"mean": losses.mean(), "sum": losses.sum(), "none": losses}[given["reduction"]]
        assert ratio("linear_cross_entropy", arguments, given, loss) <= 1.0
        g = p
        g[np.arange(m), labels] -= 1
        g = g / f(m) if given["reduction"] == "mean" else g
        assert ratio("linear_cross_entropy_grad", arguments, given, (g @ weights, g.T @ features, g.sum(0))) <= 1.0


# -- beside the plain limits ------------------------------------------------------------------------------------------

X = np.array(
    [[0.5, -2.0, 3.25, 1.0], [30.0, 31.0, -140.0, 30.0], [1000.0, 999.0, 998.0, 1000.5], [20.0, 0.0, 0.0, -1.0]]
)
LABELS = np.array([1, 2, 0, 0])
NEUTRAL: list[dict[str, Any]] = [
    {},
    {"weight": np.ones(4)},
    {"ignore_index": -100},
    {"label_smoothing": 0.0},
    {"targets": np.eye(4)[LABELS]},
    {"temperature": 1.0},
    {"mask": np.ones((4, 4), bool)},
    {"z_loss": 0.0},
    {"axis": 1},
]
TAKEN = [(o, g) for o in operations.CORE for g in NEUTRAL if set(g) <= set(operations.lookup(o).options)]
CONTRACTS = (
    LimitParameters(format="float32"),
    LimitParameters(format="float64", summation="pairwise"),
    LimitParameters(format="float16"),
    LimitParameters(format="float16", sum_format="float16", saved_format="float16", summation=1),
    LimitParameters(format="float32", algorithm="shift-divide"),
    LimitParameters(format="float32", flush_subnormals=True),
    LimitParameters(format="bfloat16", working_precision="bfloat16"),
)


@pytest.mark.parametrize(
    ("operation", "given"), TAKEN, ids=lambda v: v if isinstance(v, str) else next(iter(v), "none")
)
def test_a_neutral_option_never_makes_the_limit_smaller(operation: str, given: dict[str, Any]) -> None:
    rows, labels = truth.rows(X), LABELS if operation in LOSSES else None
    for parameters in CONTRACTS:
        for level in LEVELS:
            plain = limits.limit(operation, level, rows, labels, parameters).numbers
            taken = {**given, "reduction": parameters.reduction} if operation in LOSSES else given
            own = options.limit(operation, level, {"x": X, "labels": LABELS}, taken, parameters)
            assert not isinstance(own, tuple)
            smaller = (own.numbers * (1 + 2.0**-40) - plain).significand < 0
            assert not np.any(smaller), (level, parameters, own.numbers.to_float(), plain.to_float())


@pytest.mark.parametrize("operation", ["softmax", "log_softmax", "logsumexp"])
def test_without_a_shaping_option_the_limit_is_the_plain_one(operation: str) -> None:
    plain = limits.limit(operation, "stable", truth.rows(X), None, PLAIN).numbers
    own = options.limit(operation, "stable", {"x": X}, {"temperature": 1.0}, PLAIN)
    assert not isinstance(own, tuple)
    assert np.allclose(own.numbers.to_float(), plain.to_float(), rtol=1e-7)  # float64 values are rounded to 2^-52


def test_levels_nest() -> None:
    rng = np.random.default_rng(5)
    for number in range(10):
        arguments, given = draw(rng, number)
        for operation in ("softmax", *PRODUCTS, *LOSSES):
            fitting, taken = taken_by(operation, arguments, given)
            at = [options.limit(operation, level, fitting, taken, PLAIN) for level in LEVELS]
            sound, stable, accurate = (a.numbers for a in at if not isinstance(a, tuple))
            assert not np.any((sound * (1 + 2.0**-40) - stable).significand < 0)
            assert not np.any((stable * (1 + 2.0**-40) - accurate).significand < 0)


def test_a_power_of_two_for_a_temperature_costs_nothing_and_another_its_rounding() -> None:
    at = {t: options.limit("softmax", "stable", {"x": X * 100}, {"temperature": t}, PLAIN) for t in (2.0, 2.5)}
    even, odd = (at[t].numbers.to_float() for t in (2.0, 2.5))  # type: ignore[union-attr]
    plain = limits.limit("softmax", "stable", truth.rows(X * 50), None, PLAIN).numbers.to_float()
    assert np.array_equal(even, plain)
    assert odd[2, 0] > 20 * even[2, 0]  # the logits are near 10^5 / 2.5: their rounding is far above that of d


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "factor"),
    [
        ({"weight": np.array([1.0, 2.0, 4.0, 0.5])}, 1 + 1e-4),
        ({"label_smoothing": 0.1}, 1 - 1e-4),
        ({"temperature": 0.7}, 1 + 1e-4),
        ({"softcap": 5.0}, 1 + 1e-4),
        ({"z_loss": 0.1}, 1 - 1e-4),
    ],
)
def test_an_error_of_a_few_thousand_roundings_is_refused(given: dict[str, Any], factor: float) -> None:
    x = np.random.default_rng(7).standard_normal((4, 5)) * 2
    arguments = {"x": x.astype(np.float32), "labels": np.array([0, 1, 2, 4])}
    if "weight" in given:
        given = {"weight": np.array([1.0, 2.0, 4.0, 0.5, 1.0])}
    exact = options.reference("cross_entropy", arguments, given)
    assert not isinstance(exact, tuple)
    assert ratio("cross_entropy", arguments, given, exact.to_float() * factor) > 1


def test_an_overflow_on_the_way_is_not_judged() -> None:
    x = np.array([[3e38, 0.0, 1.0], [1.0, 2.0, 3.0]])
    limit = options.limit("softmax", "stable", {"x": x}, {"temperature": 0.1}, PLAIN)
    assert not isinstance(limit, tuple)
    assert np.all(np.isinf(limit.numbers.to_float()[0]))
    assert np.all(np.isfinite(limit.numbers.to_float()[1]))


def test_zeros_are_told_apart_from_every_ordinary_result() -> None:
    rng = np.random.default_rng(9)
    for number in range(12):
        arguments, given = draw(rng, number)
        given.pop("temperature", None)
        for operation in ("cross_entropy_grad", "softmax_vjp", "cross_entropy_hvp"):
            fitting, taken = taken_by(operation, arguments, given)
            call = options.canonical_call(operation, fitting, taken)
            limit = options.limit(operation, "stable", fitting, taken, PLAIN)
            exact = options.reference(operation, fitting, taken)
            assert not isinstance(limit, tuple)
            assert not isinstance(exact, tuple)
            vacuous = options.vacuous(call, limit, exact)
            assert vacuous.shape == exact.shape
            loose = limits.Limit(
                name="loose", formula="", parameters=limit.parameters, numbers=Scaled.of(np.full(exact.shape, 1e3))
            )
            nonzero_rows = np.any(exact.to_float() != 0, axis=1)
            assert np.all(options.vacuous(call, loose, exact)[nonzero_rows])


# -- in words ---------------------------------------------------------------------------------------------------------


def test_every_operation_says_how_its_limit_is_composed() -> None:
    assert list(COMPOSED) == list(operations.OPERATIONS)
    assert len({entry.formula for entry in COMPOSED.values()}) == len(COMPOSED)


def test_definitions_come_with_the_options_that_need_them() -> None:
    def formula(operation: str, given: dict[str, Any]) -> str:
        limit = options.limit(operation, "stable", {"x": X, "labels": LABELS}, given, PLAIN)
        assert not isinstance(limit, tuple)
        return limit.formula

    assert "s_j = e_j" not in formula("softmax", {})
    assert "s_j = e_j" in formula("softmax", {"temperature": 2.0})
    assert "c_j = w_j" not in formula("softmax", {})
    assert "c_j = w_j" in formula("cross_entropy", {})
