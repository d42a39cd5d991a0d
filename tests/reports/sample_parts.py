"""Curves, tables and ground truth of the sample documents, made by rule from the names of the implementations."""

from __future__ import annotations

import math

from softcert_reports import document as d

OPERATIONS = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad")
NAMES = ("naive", "numpy_shifted", "logsumexp", "torch_functional", "faithful")
FORMATS = {"torch_functional": ("float32", "float64", "float16", "bfloat16")}
PROPERTIES = (
    ("shape_and_format", "sound", "hygiene", "The result has the promised shape and format."),
    ("input_untouched", "sound", "hygiene", "The caller's array holds the same bits before and after."),
    ("repeatable", "sound", "hygiene", "Two equal calls agree within the slack of the limit."),
    ("layouts", "sound", "hygiene", "Strided, transposed and read-only arrays give the same result."),
    ("finite", "sound", "robustness", "No NaN, infinity or zero where the truth is an ordinary number."),
    ("special_values", "sound", "special values", "Rows with -inf, +inf and NaN give what the policy accepts."),
    ("sound_accuracy", "sound", "accuracy", "Right for logits that are each moved by a few ulps of the largest."),
    ("sums_to_one", "sound", "probability", "The probabilities of a row sum to one within the sum of their limits."),
    ("order", "sound", "probability", "A larger logit never has a smaller probability."),
    ("range", "sound", "probability", "Probabilities lie between 0 and 1, each within its limit."),
    ("ties", "sound", "probability", "Equal logits have equal probabilities within their limits."),
    ("labels", "sound", "hygiene", "Every label type that the contract claims gives the same loss."),
    ("padding", "sound", "relations", "Classes of logit -inf change nothing and have probability 0."),
    ("duplication", "sound", "relations", "Every class doubled halves the probabilities."),
    ("batch_independence", "sound", "relations", "A row's result does not depend on the rows beside it."),
    ("consistency", "sound", "relations", "softmax is the exponential of log_softmax within their limits."),
    ("shift", "stable", "relations", "A constant added to all logits of a row changes nothing."),
    ("permutation", "stable", "relations", "Permuting the classes permutes the result."),
    ("accuracy", "stable", "accuracy", "Every element is within the derived forward limit."),
    ("relative_accuracy", "accurate", "accuracy", "Every element has a small relative error."),
    ("faithful_rounding", "faithful", "accuracy", "Every element is one of the two floats around the truth."),
)
REACH = {"naive": None, "numpy_shifted": "stable", "logsumexp": "sound", "torch_functional": "stable"}


def reach(name: str) -> str | None:
    if name == "faithful" or name.startswith("kernel_0"):
        return "faithful"
    if name.startswith("kernel"):
        return "stable"
    return REACH.get(name)


def formats_of(name: str) -> tuple[str, ...]:
    return FORMATS.get(name, ("float32", "float64"))


def keys_of(names: tuple[str, ...]) -> list[tuple[str, str, str, str, str]]:
    return [
        (name, operation, format, prop, level)
        for name in names
        for operation in OPERATIONS
        for format in formats_of(name)
        for prop, level, _, _ in PROPERTIES
        if prop not in ("sums_to_one", "order") or operation == "softmax"
    ]


def spread(text: str) -> float:
    """A number in [0, 1) that depends on the text alone."""
    return sum(i * ord(c) for i, c in enumerate(text[:99], 3)) % 97 / 97


def domain(name: str, operation: str, format: str) -> d.Domain:
    regimes = {"ordinary": 120, "overflow edge": 64, "ties": 32, "-inf blocks": 24, "absorption": 18}
    left = (d.LeftOut("the limit is vacuous: 4,096 classes summed in float16", 3),) if format == "float16" else ()
    return d.Domain(
        subject=name,
        operation=operation,
        format=format,
        classes=(1, 65537),
        rows=(0, 129),
        regimes=regimes,
        largest_abs_logit=3.4e38,
        left_out=left,
    )


def series(name: str, operation: str, format: str, axis: str) -> d.Series:
    points = []
    for i in range(40):
        x = float(int(1.34**i) + i) if axis == "classes" else 10.0 ** (i / 10 - 1)
        limit = 6 + 0.4 * i if axis == "classes" else 8 + 0.3 * x
        if not reach(name) and axis == "magnitude" and x > 88.7:
            points.append(d.Point(x=x, median=math.nan, worst=math.inf, limit=limit))
        else:
            worst = limit * (0.1 + 0.5 * spread(f"{name}{i}{operation}"))
            points.append(d.Point(x=x, median=worst / 4, worst=worst, limit=limit))
    return d.Series(subject=name, operation=operation, format=format, axis=axis, points=tuple(points))  # type: ignore[arg-type]


def histogram(name: str, operation: str, format: str) -> d.Histogram:
    edges = (-math.inf, *(float(e) for e in range(-6, 5)))
    counts = tuple(int(5000 * math.exp(-((i - 5 - 2 * spread(name + operation)) ** 2) / 5)) for i in range(11))
    return d.Histogram(subject=name, operation=operation, format=format, edges=edges, counts=counts)


def pairwise(names: tuple[str, ...]) -> list[d.Pairwise]:
    return [
        d.Pairwise(
            operation=o,
            format=f,
            a=a,
            b=b,
            largest_ulp=math.inf if not (reach(a) and reach(b)) else 0.5 + 8 * spread(a + b + o),
        )
        for o in OPERATIONS
        for f in ("float32", "float64")
        for i, a in enumerate(names)
        for b in names[i + 1 :]
    ]


def special(names: tuple[str, ...]) -> list[d.SpecialValue]:
    rows = (
        ("one +inf", "nan, nan", "one-hot, or NaN row"),
        ("all -inf", "nan, nan", "NaN"),
        ("any NaN", "nan, nan", "NaN"),
        ("some -inf", "1.0, 0.0", "0 there, others unchanged"),
        ("[M, -M]", "1.0, 0.0", "[1, 0]"),
    )
    return [
        d.SpecialValue(
            subject=n,
            operation="softmax",
            format=f,
            row=row,
            got=got if reach(n) or row != "[M, -M]" else "nan, nan",
            accepted=accepted,
            outcome="pass" if reach(n) or row != "[M, -M]" else "fail",
            policy="limit or nan",
        )
        for n in names
        for f in ("float32", "float64")
        for row, got, accepted in rows
    ]


def coverage() -> list[d.Coverage]:
    axes = {
        "magnitude": ("ordinary", "overflow edge", "subnormal", "ties"),
        "classes": ("1", "2", "3", "32000", "65537"),
        "layout": ("C", "transposed", "negative strides"),
        "magnitude × classes": ("overflow edge × 65537", "ties × 1"),
    }
    return [
        d.Coverage(
            operation=o,
            format="float32",
            axis=axis,
            value=value,
            count=0 if value == "ties × 1" else 12 + int(200 * spread(axis + value)),
        )
        for o in OPERATIONS[:2]
        for axis, values in axes.items()
        for value in values
    ]


def limits() -> list[d.LimitEntry]:
    return [
        d.LimitEntry(
            operation=o,
            level=level,
            format="float32",
            formula="p_j [u(4 + 3|d_j| + L) + eps_e + eps_l L + A_s]",
            parameters={"u": 2.0**-24, "h": 31999, "exp_ulp": 4.0, "log_ulp": 4.0},
            source="Blanchard, Higham, Higham 2021, theorem 4.3",
        )
        for o in OPERATIONS
        for level in ("sound", "stable", "accurate")
    ]


def truth() -> d.GroundTruth:
    def sub(letter: str) -> str:
        return f"<msub><mi>{letter}</mi><mi>j</mi></msub>"

    slope = f"<mfrac><mrow><mo>∂</mo><mi>L</mi></mrow><mrow><mo>∂</mo>{sub('x')}</mrow></mfrac>"
    p = f"<math><mrow>{slope}<mo>=</mo>{sub('p')}<mo>-</mo>{sub('t')}</mrow></math>"
    claims = (
        {
            "id": "000-gradient",
            "seed": "000",
            "quote": "dL/df_y = p_y - 1",
            "statement": "The gradient of the loss by the true class's logit is p_y - 1.",
            "verdict": "proved",
            "reconstructed": False,
            "mathml": p,
            "proof_steps": ["L = -log p_y", "dL/df_y = -1/p_y · p_y (1 - p_y)", "= p_y - 1"],
            "corrected": None,
            "corrected_mathml": None,
            "counterexample": None,
            "method": "SymPy, C = 2..5",
        },
        {
            "id": "002-others-fall",
            "seed": "002",
            "quote": "all other probabilities fall",
            "statement": "After a descent step every other probability falls.",
            "verdict": "refuted",
            "reconstructed": True,
            "mathml": p,
            "proof_steps": [],
            "corrected": "Every other logit falls; a probability may rise.",
            "corrected_mathml": p,
            "counterexample": "a = (.90, .04, .05, .01), y = 3, step 0.1: a_2 and a_4 rise",
            "method": "evaluation at 50 digits",
        },
    )
    proofs = (
        d.Proof(
            name="gradient",
            statement="The gradient of cross-entropy is p - t.",
            method="SymPy, differentiated for C = 2..5",
            mathml=p,
        ),
    )
    witnesses = (
        d.Agreement(
            pair="fast path and Arb", format="float32", elements=1_200_000, disagreements=0, largest_in_radius=0.41
        ),
        d.Agreement(pair="Arb and mpmath", format="float64", elements=90_000, disagreements=0, largest_in_radius=0.02),
    )
    return d.GroundTruth(claims, proofs, witnesses)


def power() -> d.Power:
    return d.Power(
        families=(
            d.Killed(family="no max shift", defects=9, killed=9),
            d.Killed(family="vector tail", defects=4, killed=3, missed=("stale lanes, C = 9",)),
            d.Killed(family="low-precision sum", defects=8, killed=8),
        ),
        correct=12,
        false_alarms=(),
        peers=(
            d.Peer(name="allclose at 1e-4, random input", defects=21, killed=7, correct=12, false_alarms=0),
            d.Peer(
                name="gradcheck", defects=21, killed=4, correct=12, false_alarms=1, text="never compares with the truth"
            ),
        ),
        effort="standard",
        command="softcert power --effort standard",
        seconds=312.5,
    )
