"""The fixed battery: the cases that every subject gets, in an order that shows defects early.

Deterministic and shared by all subjects, so that they can be compared with one another. Each function below
covers one axis of the taxonomy crossed with those axes where a defect can hide; an effort takes a prefix of
the seeds and a share of the sizes, never fewer axes. `softcert.cases.crossing` adds the crossings of all axes.
``BATTERY_VERSION`` stands in every certificate.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import chain, product
from typing import Any

from softcert.cases import crossing, invalid_labels, option_battery, sum_battery
from softcert.cases.case import Case, LabelRule, at_class
from softcert.cases.effort import Effort
from softcert.cases.layouts import LAYOUTS
from softcert.cases.regimes.families import thresholds
from softcert.cases.regimes.sums import DENSE, EDGES
from softcert_implementations.contract import ResolvedContract
from softcert_oracle import operations
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format
from softcert_oracle.operations import Operation

BATTERY_VERSION = 3

SMALL_SHAPES = ((1, 2), (5, 3), (4, 10), (3, 17), (8, 8), (2, 33))
POWERS = tuple(2**k for k in range(2, 13))
VOCABULARIES = (32000, 50257, 65537, 131072)
BLOCKS = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
_HABITS = ((0, 10), (1, 10), (2, 10), (3, 10), (100, 127), (255, 257))
"""Labels that mean "ignored" or "padding" somewhere, with class counts. Who claims no such option must count them."""
_LABEL_RULES = ("argmax", "argmin", "last", "first", "random")


def battery(operation: str, format: str, effort: Effort, terms: ResolvedContract, seed: int) -> list[Case]:
    """The cases for one operation in one format, without repetition.

    Parameters
    ----------
    operation, format
        What is called, and in which format.
    effort
        How many cases there are.
    terms
        The contract: its options, label types and promises have cases of their own.
    seed
        The seed of the cases that have none of their own.
    """
    fmt, entry = formats.lookup(format), operations.lookup(operation)
    listed = list(_all(fmt, effort, entry, terms))
    plain = [*listed, *crossing.cases(fmt, effort, terms, seed, listed)]
    plain += sum_battery.narrow_rows(fmt, plain)
    invalid = invalid_labels.cases(operation, fmt, terms)
    with_options = option_battery.battery(operation, fmt, effort, terms, plain)
    cases: dict[Case, None] = {}
    crossed = option_battery.crossings(operation, fmt, terms)
    for number, case in enumerate(chain(plain if entry.takes_logits_alone else (), invalid, with_options, crossed)):
        changes: dict[str, Any] = {} if case.seed or not seed else {"seed": seed}
        if entry.takes_labels and case.labels == LabelRule.RANDOM:
            changes["labels"] = _LABEL_RULES[(number + zlib.crc32(case.regime.encode())) % len(_LABEL_RULES)]
        cases.setdefault(case.with_(**changes) if changes else case)
    return list(cases)


def _all(fmt: Format, effort: Effort, entry: Operation, terms: ResolvedContract) -> Iterator[Case]:
    labelled = entry.takes_labels
    # The cheap and telling cases come first: most defects show within the first dozen.
    yield from _first_look(fmt)
    yield from _magnitudes(fmt, effort)
    yield from _special_values(fmt, effort, labelled)
    yield from _layouts(fmt, effort)
    yield from _rows(fmt, effort, entry)
    yield from _states(fmt)
    yield from _class_counts(fmt, effort)
    yield from _blocks(fmt, effort)
    if labelled:
        yield from _labels(fmt, terms)
        yield from _batches(fmt)
        yield from sum_battery.batches(fmt)
        if entry.result == "()":
            yield from sum_battery.every_row(fmt, effort)
    yield from sum_battery.rows(fmt, effort)
    yield from _vocabularies(fmt, effort)


def _first_look(fmt: Format) -> Iterator[Case]:
    f = fmt.name
    yield Case.of("ordinary", 4, 10, f)
    yield Case.of("ordinary", 1, 3, f, labels="argmin")
    yield Case.of("ordinary", 3, 3, f)
    edge = (("at", f"overflow/{f}"), ("ulps", 2))
    yield Case.of("edge", 1, 2, f, edge, labels="argmax")
    yield Case.of("edge", 4, 10, f, edge)
    yield Case.of("far rows", 4, 5, f, (("apart", min(120.0, fmt.largest / 16)),))
    yield Case.of("gap", 1, 3, f, (("below", _far(fmt)),), labels="argmin")
    for layout in ("row stride", "reversed columns", "Fortran"):
        yield Case.of("ordinary", 4, 10, f, layout=layout)
    yield Case.of("ordinary", 4, 10, f, state="twice")
    yield Case.of("ties", 1, 300, f, (("value", 1.0),), labels="last")
    yield Case.of("peak", 1, 37, f, (("at", -1), ("height", 8.0)), labels="last")


def _far(fmt: Format) -> float:
    """A gap at which exp underflows in the format, and 30 more."""
    return min(-thresholds(fmt)[f"underflow/{fmt.name}"] + 30, fmt.largest / 4)


def _magnitude_parameters(fmt: Format) -> Iterator[tuple[str, tuple[tuple[str, object], ...]]]:
    """Every magnitude regime with its parameters (the regime's axis of the taxonomy)."""
    for scale in (0.01, 1.0, 4.0, 20.0):
        yield "ordinary", (("scale", scale),)
    for name in thresholds(fmt):
        if not name.startswith("absorption"):
            for ulps in (-2, 0, 1, 3):
                yield "edge", (("at", name), ("ulps", ulps))
    largest_power = 4 if fmt.largest < 1e5 else 12 if fmt.precision <= 24 else 17
    for power, sign in product(range(1, largest_power + 1), (1, -1)):
        yield "offset", (("by", sign * 10.0**power),)
    gaps = {abs(t) for t in thresholds(fmt).values()} | {7.0, 13.5, 16.5, 20.0, 34.0, 50.0, 60.0, 81.0, _far(fmt)}
    for below in sorted(g for g in gaps if g < fmt.largest / 4):
        yield "gap", (("below", below),)
    for factor in (0.49, 0.51, 0.98, 1.02, 2.0):
        yield "absorption", (("factor", factor),)
    for part in (1.0, 0.5, 2.0 ** (-fmt.emax // 2), 2.0 ** (-fmt.emax + 10) if fmt.emax > 20 else 0.01):
        yield "spread", (("part", part),)
    for depth in (0.2, 0.7, 1.0, 1.3):
        yield "reach", (("depth", depth),)
    yield "tiny", ()
    yield "tiny", (("zeros", True),)
    for value in (0.0, 1.5, -3.0, 100.0, -100.0, -1000.0):
        if abs(value) < fmt.largest:
            yield "ties", (("value", value),)
    yield "ties", (("value", 2.0), ("tied", 2))
    for step in (0.5, -0.5, 3.0, -3.0, 30.0, -30.0, 100.0, -100.0, 1000.0, -1000.0):
        yield "ladder", (("step", step),)
    yield "any float", ()
    yield "any float", (("top", 0.1),)


def _magnitudes(fmt: Format, effort: Effort) -> Iterator[Case]:
    for number, (regime, parameters) in enumerate(_magnitude_parameters(fmt)):
        # One row alone (a scalar result hides nothing then), and a batch.
        rule = _LABEL_RULES[number % len(_LABEL_RULES)]
        yield Case.of(regime, 1, (2, 3, 10, 5)[number % 4], fmt.name, parameters, labels=rule)
        for repeat in range(effort.seeds):
            m, C = SMALL_SHAPES[(number + repeat) % len(SMALL_SHAPES)]
            yield Case.of(regime, m, C, fmt.name, parameters, seed=repeat)


def _special_values(fmt: Format, effort: Effort, labelled: bool) -> Iterator[Case]:
    f = fmt.name
    rules = ("first", "last", "argmax", "minus inf") if labelled else ("random",)
    if fmt.has_infinity:
        sets: list[tuple[tuple[str, ...], tuple[int, ...]]] = [
            (("-inf",), (0,)), (("-inf",), (-1,)), (("-inf",), (4,)), (("-inf", "-inf"), (0, 1)),
            (("inf",), (0,)), (("inf",), (-1,)), (("inf",), (5,)), (("inf", "inf"), (1, -1)), (("inf", "-inf"), (0, 1)),
            (("inf", "-inf", "nan"), (2, 0, 1)),
        ]  # fmt: skip
        for (which, at), rule in product(sets, rules):
            if max(abs(p) for p in at) < 10:
                yield Case.of("special", 1, 10, f, (("values", which), ("at", at)), labels=rule)
                yield Case.of("special", 2, 3, f, (("values", which[:2]), ("at", at[:2])), labels=rule)
        for rule, m in product(rules, (1, 3)):
            yield Case.of("all minus inf", m, 5, f, labels=rule)
            # Of one class only it would be both "one class" (1) and "all -inf" (NaN): no answer is wrong.
        for size in (4, 8, 32, 128)[:: 2 if effort.thin else 1]:
            yield Case.of("minus inf block", 2, 3 * size + 1, f, (("start", 0), ("size", size)), labels="last")
            yield Case.of("minus inf block", 2, 3 * size, f, (("start", 2 * size), ("size", size)), labels="first")
            yield Case.of("minus inf block", 1, 3 * size, f, (("start", size), ("size", size)), labels="last")
            yield Case.of("minus inf block", 1, 3 * size, f, (("start", 0), ("size", 3 * size - 1)), labels="last")
    # One special row among ordinary ones: they must not notice.
    for value in ("nan", "inf", "-inf") if fmt.has_infinity else ("nan",):
        for m, C in ((3, 5), (4, 10)):
            lone = (("values", (value,)), ("at", (1,)), ("only_row", 1))
            yield Case.of("special", m, C, f, lone)
    for position, rule in product((0, 4, -1), rules[:2]):
        yield Case.of("special", 1, 10, f, (("values", ("nan",)), ("at", (position,))), labels=rule)
    yield Case.of("special", 3, 3, f, (("values", ("nan",)), ("at", (1,))))
    for signs, rule in product(((1, -1), (1, 1), (-1, -1), (-1, 1)), rules[:2]):
        yield Case.of("extreme pair", 1, 2, f, (("signs", signs),), labels=rule)
    for rule in rules[:1]:
        yield Case.of("ordinary", 3, 1, f, (("scale", 20.0),), labels=rule)
        yield Case.of("ordinary", 1, 1, f, labels=rule)


def _layouts(fmt: Format, effort: Effort) -> Iterator[Case]:
    shapes = ((4, 10), (3, 3), (5, 33), (1, 17))
    for number, layout in enumerate(LAYOUTS):
        for m, C in shapes[:2] if effort.thin else shapes:
            yield Case.of("ordinary", m, C, fmt.name, (("scale", 3.0),), layout=layout)
        if fmt.has_infinity:
            at = (number % 7, -1)
            yield Case.of("special", 3, 8, fmt.name, (("values", ("-inf", "-inf")), ("at", at)), layout=layout)


def _rows(fmt: Format, effort: Effort, entry: Operation) -> Iterator[Case]:
    for m in (0, 1, 2, 3, 7, 17, 65, 129, 257, 1025):
        yield Case.of("ordinary", m, 3, fmt.name, (("scale", 2.0),))
    for m in (5, 64):
        yield Case.of("ordinary", m, m, fmt.name, (("scale", 2.0),))
    for apart, (m, C) in product((20.0, 120.0, 800.0), ((3, 5), (2, 2), (9, 17))):
        yield Case.of("far rows", m, C, fmt.name, (("apart", min(apart, fmt.largest / 16)),))
    # Offsets m C beyond 2^16 (and beyond 2^15, unsigned), in the rows' direction and in the classes'.
    yield Case.of("ordinary", 67, 1031, fmt.name)
    if entry.result == "(m,)" or (not effort.thin and not entry.takes_labels):
        # An m x m table (the classic mistake with labels) would fill the memory of the machine.
        yield Case.of("ordinary", 66001, 2, fmt.name)
    if not effort.thin:
        for m in (2049, 4097):
            yield Case.of("ordinary", m, 5, fmt.name)
        yield Case.of("ordinary", 130, 130, fmt.name)


def _states(fmt: Format) -> Iterator[Case]:
    for state, (m, C) in product(("twice", "interleaved", "alone", "reordered"), ((4, 10), (3, 5))):
        yield Case.of("ordinary", m, C, fmt.name, (("scale", 3.0),), state=state)
    yield Case.of("far rows", 5, 17, fmt.name, (("apart", min(120.0, fmt.largest / 16)),), state="alone")
    yield Case.of("reach", 6, 33, fmt.name, state="reordered")
    for regime, m, C in (("ladder", 4, 10), ("ordinary", 5, 33), ("ordinary", 1, 17)):
        yield Case.of(regime, m, C, fmt.name, state="altered")


def _class_counts(fmt: Format, effort: Effort) -> Iterator[Case]:
    f = fmt.name
    for power in POWERS:
        for C in (power - 1, power, power + 1):
            regime, own = ("peak", (("at", -1), ("height", 3.0))) if C <= DENSE else ("sparse rows", EDGES)
            yield Case.of(regime, 2, C, f, own, labels="last")
            if not effort.thin or (power + 1 == C) == (power % 3 == 1):
                yield Case.of("ties", 1, C, f, (("value", 0.5),), labels="first")
                yield Case.of("ordinary", 3, C, f, (("scale", 2.0),))


def _blocks(fmt: Format, effort: Effort) -> Iterator[Case]:
    f = fmt.name
    for number, block in enumerate(BLOCKS):
        C = 2 * block + max(1, block // 2)
        places = (0, block - 1, block, 2 * block - 1, 2 * block, C - 1)
        for index, at in enumerate(places):
            if effort.thin and (index + number) % 2:
                continue
            # The label on the peak, then on the other side of the same edge: the loss is small, then large.
            height = 20.0 if (index + number) % 4 else min(150.0, fmt.largest / 4)
            yield Case.of("peak", 1, C, f, (("at", at), ("height", height)), labels=at_class(at))
            yield Case.of("peak", 2, C, f, (("at", at), ("height", 4.0)), labels=at_class(at - 1 if at else 1))
        yield Case.of("ladder", 1, C, f, (("step", 100.0 / C),), labels="last")
        yield Case.of("ladder", 1, C, f, (("step", -100.0 / C),), labels="last")
        yield Case.of("heavy tail", 2, C, f, (("tail", C - 2 * block), ("height", 5.0)), labels="last")
        if fmt.has_infinity:
            yield Case.of("minus inf block", 1, C, f, (("start", 0), ("size", block)), labels="last")
            yield Case.of("minus inf block", 1, C, f, (("start", block), ("size", C - block)), labels="first")


def _labels(fmt: Format, terms: ResolvedContract) -> Iterator[Case]:
    f = fmt.name
    for dtype in terms.label_dtypes:
        largest = 2 ** (8 * int(dtype.strip("uint")) // 8 - (not dtype.startswith("u"))) - 1
        for C in (3, 127, 129, 256, 300, 2051, 4099, 32770, 65539):
            if largest >= C - 1:
                rules = ("last",) if C > 4099 else ("last", "argmax", "at 128", "at 255")
                for rule in rules:
                    yield Case.of("ordinary", 1 if C > 300 else 3, C, f, labels=rule, label_dtype=dtype)
        if largest < 2**16:
            # A place in the flat array, m * C, beyond what the labels' own type holds.
            yield Case.of("ordinary", largest // 3 + 20, 4, f, label_dtype=dtype)
    for (label, C), m in product(_HABITS, (1, 3)):
        yield Case.of("ordinary", m, C, f, labels=at_class(label))
    for rule in ("first", "last", "argmax", "argmin", "same", "random"):
        yield Case.of("ordinary", 6, 7, f, (("scale", 2.0),), labels=rule)
        yield Case.of("gap", 6, 7, f, (("below", min(_far(fmt), 120.0)),), labels=rule)
    for loss in (5.0, 17.0, 30.0, 90.0):
        yield Case.of("heavy batch", 1, 3, f, (("loss", loss),), labels="first")


def _batches(fmt: Format) -> Iterator[Case]:
    # Sums that stall in 8 bits (257 rows), in 11 bits (2049), and that pass 65504 though their mean is 9.
    for m, loss in ((257, 9.0), (300, 0.7), (2049, 2.0), (2500, 9.0), (4101, 3.0), (8192, 9.0)):
        yield Case.of("heavy batch", m, 2, fmt.name, (("loss", loss),), labels="first")


def _vocabularies(fmt: Format, effort: Effort) -> Iterator[Case]:
    f = fmt.name
    # Rows of ties are exact sums; `softcert.cases.sum_battery` has the widest.
    for number, C in enumerate(VOCABULARIES[:-1] if effort.thin else VOCABULARIES):
        if not effort.thin:
            yield Case.of("ties", 1, C, f, (("value", 1.0),), labels="last")
        # A maximum beyond 2^15 and 2^16 so high that a shift by anything else overflows.
        tall = min(150.0, fmt.largest / 4)
        label = ("first", "at 40961", "last", "at 2049")[number]
        yield Case.of("peak", 1, C, f, (("at", -1 - number), ("height", tall)), labels=label)
        if not effort.thin:
            yield Case.of("peak", 1, C, f, (("at", -1), ("height", 12.0)), labels="last")
            yield Case.of("ordinary", 2, C, f, (("scale", 2.0),), labels="last")
            yield Case.of("ladder", 1, C, f, (("step", 64.0 / C),), labels="random")
