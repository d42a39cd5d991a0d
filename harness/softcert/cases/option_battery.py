"""The battery of options: for each, what makes it go wrong; alone on several kinds of logits, and all at once.

An option is exercised where the contract claims it (`options`), the vector-Jacobian products and linear layers always.
`VARIANTS` is keyed by the table of options (`softcert_oracle.operations.OPTIONS`); nothing else here names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from softcert.cases.call import SCALAR
from softcert.cases.case import Case
from softcert.cases.crossing import options as crossed
from softcert.cases.effort import Effort
from softcert.cases.regimes.families import thresholds
from softcert.cases.regimes.special_values import NONE, SPECIAL
from softcert.cases.regimes.sums import FAR
from softcert_implementations.contract import ResolvedContract
from softcert_oracle import operations
from softcert_oracle.numbers.formats import Format

Value = Any
Variant = tuple[Value, tuple[str, ...]]

_PLAIN = ("plain", "far", "offset", "square", "two")
_HOLES = ("holes", "plain", "two", "far")

VARIANTS: Mapping[str, tuple[Variant, ...]] = {
    "reduction": (("mean", ("plain", "batch")), ("sum", ("plain", "batch", "holes")), ("none", _PLAIN)),
    "weight": (
        (("random", "C"), _PLAIN), (("wide", "C"), ("plain", "batch")), (("some zero", "C"), ("plain", "square")),
        (("all zero", "C"), ("plain", "two")), (("random", "strided"), ("plain",)), (("ones", "C"), ("plain",)),
        (("random", "C"), ("holes", "one")),
    ),
    "ignore_index": (
        ((-100, "some"), _PLAIN), ((-100, "all"), ("plain", "two")), ((-100, "first"), ("plain", "lost row")),
        ((-100, "none"), ("plain",)), ((255, "last"), ("plain", "square")), ((-1, "some"), ("plain", "square")),
        ((1, "some"), ("plain", "square")), ((-100, "others"), ("batch",)),
        ((-100, "some"), ("batch", "rows", "holes")),
    ),
    "label_smoothing": (
        (0.1, _PLAIN), (0.0, _HOLES), (0.3, ("plain", "one", "ties")), (1.0, ("plain", "two")),
        (0.1, ("batch", "steep")), (0.5, ("two", "square")), (2.0**-10, ("plain", "offset")),
    ),
    "targets": (
        (("random", "C"), (*_PLAIN, "rows")), (("not one", "C"), _PLAIN), (("zero row", "C"), ("plain", "square")),
        (("all zero", "C"), ("two", "plain")), (("one-hot", "C"), ("plain", "far", "steep")),
        (("zero on -inf", "C"), ("holes",)), (("not one", "row stride"), ("plain",)),
        (("random", "Fortran"), ("square", "plain")), (("random", "C"), ("batch", "one")),
    ),
    "axis": (
        ((0, (4,)), ("plain", "square")), ((-1, (4,)), ("plain",)), ((1, (4,)), ("plain",)), ((-2, (4,)), ("plain",)),
        ((0, (2, 3)), ("six",)), ((1, (2, 3)), ("six",)), ((2, (2, 3)), ("six",)), ((-2, (2, 3)), ("six",)),
        ((-3, (3, 2)), ("six",)), ((1, (2, 1, 3)), ("six",)), ((-3, (2, 3, 1)), ("six",)), ((2, (1, 2, 3)), ("six",)),
        ((1, (3, 3)), ("nine",)),
    ),
    "temperature": (
        (2.0, _PLAIN), (0.5, _PLAIN), (0.7, _PLAIN), (3.0, ("plain", "holes")), (0.1, ("plain", "square")),
        (10.0, ("plain", "steep")), (1.0, ("plain",)), (2.0**-4, ("plain", "steep")), (2.0**6, ("steep", "far")),
        (1000.0, ("plain", "steep")),
    ),
    "mask": (
        (("random", "C"), _PLAIN), (("half", "C"), ("plain", "batch")), (("label only", "C"), ("plain", "two")),
        (("without the largest", "C"), ("lost column", "steep", "far")),
        (("nothing in the first row", "C"), ("plain", "two")), (("random", "row stride"), ("plain",)),
        (("random", "Fortran"), ("square", "plain")), (("all", "C"), ("plain",)),
        (("without the label", "C"), ("plain",)), (("random", "C"), ("holes", "long", "lost column")),
    ),
    "softcap": (
        (5.0, _PLAIN), (30.0, ("plain", "steep", "square")), (50.0, ("steep", "huge", "plain")), (2.0, ("huge", "far")),
        (0.5, ("plain",)), (1000.0, ("steep",)),
    ),
    "z_loss": (
        (0.1, _PLAIN), (1e-4, ("offset", "plain", "batch")), (1.0, ("two", "steep", "plain")), (0.0, ("plain",)),
    ),
    "out": (
        (("NaN", "C"), ("plain", "square")), (("NaN", "column stride"), ("plain", "square")),
        (("NaN", "row stride"), ("plain", "two")), (("NaN", "Fortran"), ("plain", "square")),
        (("NaN", "transposed slice"), ("square",)), (("NaN", "every other row"), ("plain", "two")),
    ),
    "upstream": (
        (("random", "C"), ("plain", "square", "rows", "far", "offset", "two", "batch")), (("zero", "C"), ("plain",)),
        (("some zero", "C"), ("plain", "square")), (("negative", "C"), ("plain",)),
        (("large", "C"), ("plain", "far")), (("ones", "C"), ("plain",)), (("random", "strided"), ("plain", "square")),
    ),
}  # fmt: skip
"""By option: values, each with the logits (`bases`) that it is tried on, the most telling first."""

_ARGUMENT_RULES = ("random", "uniform", "some zero", "large", "negative", "ones", "zero")
_LAYOUTS = ("C", "row stride", "Fortran", "column stride")
_LARGE = 1_000  # elements: a quick run keeps every eighth of those
_LARGEST = 20_000  # elements: longer rows add nothing here that they do not show without options


def bases(fmt: Format) -> Mapping[str, Case]:
    """The logits that options are tried on, by name."""
    f = fmt.name
    far = min(-thresholds(fmt)[f"underflow/{f}"] + 30, fmt.largest / 4)
    offset = min(1000.0, fmt.largest / 64)
    holes = (("values", ("-inf", "-inf")), ("at", (1, -1)))
    with_holes = Case.of("special", 3, 8, f, holes, labels="argmax")
    peak = (("at", 5), ("height", 200.0 if fmt.largest > 1e4 else 20.0))
    row = tuple((0.5 * k - 1.0).hex() for k in range(4))
    return {
        "plain": Case.of("ordinary", 4, 10, f, (("scale", 3.0),)),
        "square": Case.of("ordinary", 3, 3, f, (("scale", 2.0),), labels="argmin"),
        "two": Case.of("ordinary", 2, 2, f, labels="argmin"),
        "one": Case.of("ordinary", 2, 1, f, (("scale", 4.0),), labels="first"),
        "offset": Case.of("offset", 4, 5, f, (("by", offset),)),
        "far": Case.of("gap", 2, 3, f, (("below", far),), labels="argmax"),
        "holes": with_holes if fmt.has_infinity else Case.of("peak", 3, 8, f, (("at", 2),)),
        "ties": Case.of("ties", 3, 4, f, (("value", 1.5),)),
        "steep": Case.of("ordinary", 3, 6, f, (("scale", 40.0),), labels="argmax"),
        "huge": Case.of("ordinary", 3, 5, f, (("scale", min(1e4, fmt.largest / 64)),)),
        "batch": Case.of("ordinary", 65, 3, f, (("scale", 2.0),)),
        "rows": Case.of("ordinary", 1100, 3, f, (("scale", 2.0),)),
        "long": Case.of("ordinary", 2, 300, f, (("scale", 2.0),), labels="last"),
        "six": Case.of("ordinary", 6, 5, f, (("scale", 3.0),)),
        "nine": Case.of("ordinary", 9, 3, f, (("scale", 3.0),)),
        "lost row": Case.of("explicit", 3, 4, f, rows=(("nan",) * 4, row, row[::-1]), label_values=(0, 3, 1)),
        "lost column": Case.of("peak", 3, 12, f, peak, labels="last"),
    }


def claimed(operation: str, terms: ResolvedContract) -> tuple[str, ...]:
    """The options that the contract claims and the operation takes, in the order of the table."""
    entry = operations.lookup(operation)
    takes = [o for o in operations.OPTIONS if o in entry.options and o in terms.options]
    backward = entry.derivative_of is not None  # only what is differentiated has a gradient by its result
    return tuple(o for o in takes if backward or o != "upstream")


def battery(
    operation: str, fmt: Format, effort: Effort, terms: ResolvedContract, plain: Iterable[Case]
) -> Iterator[Case]:
    """Cases for what the contract claims of an operation beside its logits and labels.

    ``plain`` are the cases of the same battery without options: vector-Jacobian products are tried on those as well.
    A thin effort keeps three kinds of logits for each value of an option; each is built from the effort's seeds.
    """
    named = claimed(operation, terms)
    found = bases(fmt)
    for name in named:
        for number, (value, wanted) in enumerate(VARIANTS[name]):
            bases_of_value = wanted[:3] if effort.thin else wanted
            for base, repeat in product(bases_of_value, range(effort.seeds)):
                yield _with(found[base], operation, terms, {name: value}, number + 100 * repeat)
    yield from _together(operation, terms, named, found)
    if operations.lookup(operation).takes_vectors:
        yield from _products(operation, plain, effort)
    elif operations.lookup(operation).takes_features:
        yield from _layers(fmt, effort, operation, terms)


def crossings(operation: str, fmt: Format, terms: ResolvedContract) -> Iterator[Case]:
    """Every claimed option's values crossed with rows, class counts, layouts and more, one option at a time.

    The upstream gradient of a vector-Jacobian product is an axis too.
    """
    named = claimed(operation, terms)
    vectors = operations.lookup(operation).takes_vectors
    for name in dict.fromkeys((*named, "upstream") if vectors else named):
        values = [value for value, _ in VARIANTS[name]]
        if name == "upstream" and vectors:  # a matrix has other layouts than a vector
            values = [(rule, "column stride" if layout == "strided" else layout) for rule, layout in values]
        for case, value in crossed.cases(name, values, fmt, 0):
            yield _with(case, operation, terms, {name: value})


def _with(case: Case, operation: str, terms: ResolvedContract, given: dict[str, Value], seed: int = 0) -> Case:
    """The case with options, and what they need beside them."""
    vectors = operations.lookup(operation).takes_vectors
    if "upstream" in given and not vectors:
        each = terms.reduction == "none" or "reduction" in terms.options
        if not each:
            given = {**given, "upstream": (given["upstream"][0], SCALAR)}
        elif terms.reduction != "none":
            given = {**given, "reduction": "none"}
    if "upstream" not in given and vectors:
        given = {**given, "upstream": ("random", "C")}
    ordered = tuple((o, given[o]) for o in operations.OPTIONS if o in given)
    rest = tuple((k, v) for k, v in given.items() if k not in operations.OPTIONS)
    return case.with_(options=ordered + rest, seed=case.seed + seed if case.rows is None else case.seed)


def _together(
    operation: str, terms: ResolvedContract, named: tuple[str, ...], found: Mapping[str, Case]
) -> Iterator[Case]:
    """All claimed options in one call: twice with labels, once with targets; -inf and smoothing exclude one another."""
    if len(named) < 2:
        return
    first = {name: VARIANTS[name][0][0] for name in named}
    full = {**first, **({"mask": ("all", "C")} if "mask" in first else {})}
    sharp = {**first, **({"label_smoothing": 0.0} if "label_smoothing" in first else {})}
    for number, given in enumerate((full, sharp)):
        hard = {k: v for k, v in given.items() if k not in ("targets", "reduction")}
        soft = {k: v for k, v in given.items() if k not in ("ignore_index", "reduction")}
        if "mask" in soft and number:
            soft["targets"] = ("one-hot", "C")  # no target where the mask leaves nothing
        for options in (hard, soft) if "targets" in given else (hard,):
            yield _with(found["plain"], operation, terms, options, 20 + number)
            if "axis" in options:
                yield _with(found["six"], operation, terms, {**options, "axis": (1, (2, 3))}, 30 + number)


def _products(operation: str, plain: Iterable[Case], effort: Effort) -> Iterator[Case]:
    # Where a logit is -inf, what is composed for a second derivative multiplies 0 by infinity, and may.
    without = ("inf", "-inf") if operation == "cross_entropy_hvp" else ("inf",)
    fitting = [c for c in plain if c.state in ("once", "twice") and c.size <= _LARGEST]
    fitting = [c for c in fitting if not set(without) & _infinities(c)]
    small = [c for c in fitting if c.size <= _LARGE]
    large = [c for c in fitting if c.size > _LARGE]
    kept = [*small[::2], *large[::8]] if effort.thin else [*small, *large]
    for number, case in enumerate(kept):
        layout = _LAYOUTS[number % len(_LAYOUTS)]
        rule = _ARGUMENT_RULES[number % len(_ARGUMENT_RULES)]
        yield case.with_(options=(("upstream", (rule, layout)),))


def _infinities(case: Case) -> set[str]:
    """Which infinities a recipe names, "inf" or "-inf"."""
    given = dict(case.parameters)
    named = {*given.get("values", ()), str(given.get(SPECIAL, NONE)).split()[0]}
    if case.regime in ("sparse rows", "exact sums") and given.get("beside") != FAR:
        named.add("-inf")
    return named


def _layers(fmt: Format, effort: Effort, operation: str, terms: ResolvedContract) -> Iterator[Case]:
    found = bases(fmt)
    counts = (3, 1, 17) if effort.thin else (3, 1, 2, 17, 64, 128)
    for number, count in enumerate(counts):
        for base in ("plain", "square", "two", "offset", "batch", "one", "far"):
            for layout in ("C",) if number else ("C", "row stride", "Fortran"):
                yield _with(found[base], operation, terms, {"features": (count, layout)}, number)
