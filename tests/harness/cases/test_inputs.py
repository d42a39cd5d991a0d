"""A case is rebuilt bit for bit, whatever it holds, and its surroundings are poisoned."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pytest

from softcert.cases.battery import battery
from softcert.cases.case import Case
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build, choose_labels, explicit, generator, round_to, rounded_values
from softcert.cases.layouts import GUARD, LAYOUTS, lay_out
from softcert.cases.regimes.families import REGIMES, thresholds, values
from softcert.executors.protocol import to_numpy
from softcert_implementations.contract import Contract
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats


def case_of(regime: str, format: str, **changes: object) -> Case:
    parameters = (("at", f"overflow/{format}"),) if regime == "edge" else ()
    return Case.of(regime, 4, 6, format, parameters).with_(**changes)


@pytest.mark.parametrize("format", formats.FORMATS)
@pytest.mark.parametrize("regime", REGIMES)
def test_a_case_is_rebuilt_bit_for_bit_from_its_json(regime, format):
    case = case_of(regime, format)
    first = build(case)
    again = build(Case.from_json(json.loads(json.dumps(case.to_json()))))
    assert first.x.tobytes() == again.x.tobytes()
    assert (first.labels == again.labels).all()


@pytest.mark.parametrize("regime", REGIMES)
def test_values_are_those_of_the_format(regime):
    inputs = build(case_of(regime, "bfloat16"))
    assert inputs.x.dtype == formats.FORMATS["bfloat16"].dtype
    assert np.array_equal(inputs.x.astype(np.float64), inputs.exact, equal_nan=True)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_holds_the_same_values(layout):
    plain = build(case_of("ordinary", "float32"))
    laid_out = build(case_of("ordinary", "float32", layout=layout))
    assert np.array_equal(laid_out.exact, plain.exact)
    assert np.array_equal(to_numpy(laid_out.logits()), plain.x)


def test_what_lies_around_a_view_is_poison_or_ordinary_numbers_that_are_wrong_there():
    seeds = [build(case_of("ordinary", "float32", layout="row stride", seed=s)) for s in range(12)]
    around = [i.buffer.view(np.float32)[:16].astype(np.float64) for i in seeds]
    assert any(np.isnan(a).all() for a in around)
    assert any((a == formats.FORMATS["float32"].largest).all() for a in around)
    assert any((np.abs(a) < 30).all() and len(set(a)) == 16 for a in around)


def test_views_begin_at_many_places_of_a_page():
    offsets = {build(case_of("ordinary", "float32", seed=s)).logits().offset % 4096 for s in range(24)}
    assert len(offsets) > 8
    assert all(offset % 64 == 0 for offset in offsets)


def test_explicit_rows_travel_in_hexadecimal():
    x = np.array([[1.5, -np.inf, 5e-324]])
    case = explicit(Case.of("ordinary", 1, 3, "float64"), x, np.array([2]))
    assert case.rows == (("0x1.8000000000000p+0", "-inf", "0x0.0000000000001p-1022"),)
    assert np.array_equal(build(case).exact, x)
    assert build(case).labels.tolist() == [2]


def test_edges_lie_a_few_ulps_around_the_threshold():
    edge = build(Case.of("edge", 3, 4, "float32", (("at", "overflow/float32"), ("ulps", 1)))).exact.max()
    threshold = thresholds(formats.FORMATS["float32"])["overflow/float32"]
    assert 0 < edge - threshold < 3 * 2.0**-17


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"regime": "ordinry"}, "ordinary"),
        ({"layout": "fortran"}, "Fortran"),
        ({"labels": "lst"}, "last"),
        ({"parameters": (("scael", 1.0),)}, "scael"),
    ],
)
def test_a_broken_recipe_says_what_is_accepted(changes, word):
    with pytest.raises(UsageError, match=word):
        build(Case.of("ordinary", 2, 3, "float32").with_(**changes))


def test_a_recipe_of_another_version_is_refused():
    with pytest.raises(UsageError, match="recipe version"):
        Case.from_json({"recipe": 99})


# Bytes from the first element to the next along each axis, and of the base that a (4, 6) view of float32 is cut from.
MEMORY = {
    "C": ((24, 4), 24),
    "Fortran": ((4, 16), 24),
    "row stride": ((44, 4), 44),
    "column stride": ((52, 8), 52),
    "reversed columns": ((24, -4), 24),
    "reversed rows": ((-24, 4), 24),
    "every other row": ((48, 4), 54),
    "transposed slice": ((4, 24), 54),
    "offset": ((24, 4), 24),
    "read-only": ((24, 4), 24),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_has_its_strides_within_guards_on_either_side(layout):
    strides, elements = MEMORY[layout]
    array = build(case_of("ordinary", "float32", layout=layout)).logits()
    surroundings = len(array.data) // 4 - elements
    guard = surroundings // 2
    assert array.strides == strides
    assert guard >= 64
    assert guard % 16 == (3 if layout == "offset" else 0)  # whole lines of 64 bytes, but for the layout that is off
    assert array.writeable is (layout != "read-only")
    steps = [(n - 1) * stride for n, stride in zip(array.shape, strides, strict=True)]
    first = array.offset + sum(step for step in steps if step < 0)
    last = array.offset + sum(step for step in steps if step > 0) + 4
    assert 4 * guard <= first < last <= len(array.data) - 4 * guard


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_but_the_view_holds_the_logits(layout):
    inputs = build(case_of("ties", "float32", layout=layout))
    assert np.count_nonzero(inputs.buffer.view(np.float32) == 1.5) == 24


@pytest.mark.parametrize(
    ("layout", "classes", "step"), [("C", 5, 1), ("read-only", 5, 1), ("Fortran", 5, 2), ("Fortran", 1, 1)]
)
def test_labels_lie_between_wrong_but_valid_ones_where_the_logits_have_a_layout(layout, classes, step):
    inputs = build(Case.of("ordinary", 3, classes, "float32", layout=layout, label_values=(0, classes - 1, 0)))
    array = inputs.label_array()
    assert array.strides == (8 * step,)
    assert to_numpy(array).tolist() == [0, classes - 1, 0]
    if step == 2:
        assert np.frombuffer(array.data, np.int64).tolist() == [0, 1, 4, 0, 0, 1]


def test_labels_have_the_type_of_the_case():
    inputs = build(Case.of("ordinary", 2, 300, "float32", labels="last", label_dtype="int16"))
    assert (inputs.labels.dtype, inputs.indices.dtype, inputs.indices.tolist()) == (np.int16, np.int64, [299, 299])


ROW = [[0.0, np.nan, 3.0, -np.inf, -2.0], [np.inf, 1.0, -1.0, 0.0, 1.0]]


@pytest.mark.parametrize(
    ("rule", "labels"),
    [
        ("first", [0, 0]),
        ("last", [4, 4]),
        ("argmax", [2, 0]),
        ("argmin", [4, 2]),
        ("minus inf", [3, 2]),
        ("at 3", [3, 3]),
        ("at 7", [2, 2]),
        ("at -1", [4, 4]),
    ],
)
def test_a_label_rule_chooses_what_it_is_called(rule, labels):
    case = Case.of("ordinary", 2, 5, "float32", labels=rule)
    assert choose_labels(case, np.array(ROW)).tolist() == labels


def test_random_labels_differ_by_row_and_the_same_label_does_not():
    random, same = (build(Case.of("ordinary", 200, 7, "float32", labels=rule)).labels for rule in ("random", "same"))
    assert set(random.tolist()) == set(range(7))
    assert len(set(same.tolist())) == 1
    different = {int(build(Case.of("ordinary", 2, 7, "float32", labels="same", seed=s)).labels[0]) for s in range(20)}
    assert len(different) > 3


@pytest.mark.parametrize(("m", "classes"), [(0, 3), (2, 0), (0, 0)])
def test_an_input_may_be_empty(m, classes):
    inputs = build(Case.of("ordinary", m, classes, "float32"))
    assert inputs.x.shape == inputs.exact.shape == (m, classes)
    assert inputs.labels.tolist() == [0] * m


def test_an_explicit_case_has_the_shape_of_its_rows_and_no_parameters():
    case = Case.of("peak", 5, 9, "float32", (("at", 1),), label_values=(7,), seed=4)
    small = explicit(case, np.array([[1.0, 2.0]]))
    assert (small.rows_count, small.classes, small.parameters, small.label_values) == (1, 2, (), (7,))
    assert explicit(case, np.array([[1.0, 2.0]]), np.array([1])).label_values == (1,)
    assert (small.regime, small.seed) == ("peak", 4)


@pytest.mark.parametrize("change", [{"seed": 1}, {"regime": "ties"}, {"rows_count": 5}, {"format": "float16"}])
def test_cases_and_purposes_do_not_share_a_stream(change):
    case = Case.of("ordinary", 2, 3, "float32", seed=0)
    first = generator(case).random()
    assert generator(case).random() == first
    assert generator(case.with_(**change)).random() != first
    assert generator(case, "labels").random() != first
    assert generator(case.with_(layout="Fortran", options=(("axis", 0),))).random() == first


@pytest.mark.parametrize(
    ("format", "value", "rounded"),
    [
        ("float32", 1e300, float(np.finfo(np.float32).max)),
        ("float32", -1e300, -float(np.finfo(np.float32).max)),
        ("float32", -np.inf, -np.inf),
        ("float8_e4m3fn", 463.9, 448.0),
        ("float8_e4m3fn", -1e9, -448.0),
        ("float16", 1 + 2.0**-11, 1.0),
        ("float16", 1e-9, 0.0),
    ],
)
def test_finite_numbers_stay_finite_in_every_format(format, value, rounded):
    assert round_to(value, formats.lookup(format)) == rounded


def plain_build(case: Case) -> tuple[bytes, bytes, list[int]]:
    """Buffer, exact values and labels of a case in the plainest way: what `build` takes shortcuts for."""
    fmt, m, classes = formats.lookup(case.format), case.rows_count, case.classes
    rng = plain_generator(case, "")
    made = values(case.regime, rng, m, classes, fmt, dict(case.parameters)) if case.size else np.zeros((m, classes))
    finite = np.isfinite(made)
    with np.errstate(all="ignore"):
        rounded = np.where(finite, np.clip(made, -fmt.largest, fmt.largest), made).astype(fmt.dtype)
        lost = finite & ~np.isfinite(rounded.astype(np.float64))
    rounded = np.where(lost, np.copysign(fmt.largest, made).astype(fmt.dtype), rounded)
    digest = zlib.crc32(repr(case).encode())
    around = np.array([fmt.largest if digest % 3 == 0 else np.nan])
    if digest % 3 == 2:
        around = plain_generator(case, "around").standard_normal(61) * min(4.0, fmt.largest / 8)
    guard = GUARD + digest % 48 * 64 // rounded.itemsize + (3 if case.layout == "offset" else 0)
    labels = choose_labels(case, rounded.astype(np.float64)).astype(case.label_dtype)
    view, buffer = lay_out(rounded, case.layout, around, extra=digest % 48 * 64 // rounded.itemsize)
    whole = np.resize(around, buffer.nbytes // rounded.itemsize).astype(rounded.dtype)
    edges = [buffer.view(rounded.dtype)[part].tobytes() for part in (slice(guard), slice(-guard, None))]
    assert edges == [whole[:guard].tobytes(), whole[-guard:].tobytes()]
    assert view.astype(np.float64).tobytes() == rounded.astype(np.float64).tobytes()
    return buffer.tobytes(), rounded.astype(np.float64).tobytes(), labels.tolist()


def plain_generator(case: Case, purpose: str) -> np.random.Generator:
    words = f"{case.regime}|{case.parameters}|{case.rows_count}x{case.classes}|{case.format}|{purpose}"
    return np.random.default_rng([case.seed, zlib.crc32(words.encode())])


@pytest.mark.parametrize("format", formats.FORMATS)
def test_shortcuts_give_the_bits_of_the_plain_way(format):
    """Every fifth case of the battery: a battery of one version is the same, however its inputs are made."""
    cases = battery("cross_entropy", format, EFFORTS["quick"], Contract({}).terms("cross_entropy", format), 0)
    for case in [case for case in cases[::5] if case.size < 100_000]:
        inputs = build(case)
        assert (inputs.buffer.tobytes(), inputs.exact.tobytes(), inputs.labels.tolist()) == plain_build(case), case


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**32, 2**70])
def test_a_generator_gives_the_numbers_of_numpys_own(seed):
    """Whether the seed fits into 32 bits or not."""
    case = Case.of("ordinary", 2, 3, "float32", seed=seed)
    assert generator(case, "labels").random(5).tolist() == plain_generator(case, "labels").random(5).tolist()


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_filling_is_repeated_over_the_whole_buffer(count):
    """As `np.resize` does it, whatever the length."""
    filling = np.arange(1.0, count + 1)
    _, buffer = lay_out(np.zeros((2, 3), np.float32), "C", filling)
    whole = np.resize(filling, 2 * GUARD + 6).astype(np.float32)
    whole[GUARD:-GUARD] = 0
    assert buffer.view(np.float32).tolist() == whole.tolist()


@pytest.mark.parametrize("format", formats.FORMATS)
def test_many_values_are_rounded_as_one_by_one(format):
    """Beyond the largest number, next to it, and special values among ordinary ones."""
    fmt = formats.lookup(format)
    x = np.array([[0.1, -0.0, 1.01 * fmt.largest if fmt.bits < 64 else 1.0, fmt.largest], [np.inf, -np.inf, 5e-324, 3]])
    one_by_one = [round_to(float(value), fmt) for value in x.ravel()]
    assert np.array_equal(rounded_values(x, fmt).ravel(), one_by_one, equal_nan=True)


def test_what_travels_is_made_once():
    """Calls of several operations on the same inputs send the same arrays."""
    inputs = build(Case.of("ordinary", 2, 3, "float32", layout="Fortran"))
    assert inputs.logits() is inputs.logits()
    assert inputs.label_array() is inputs.label_array()
    assert inputs.indices is inputs.indices
    assert inputs.largest_logit == np.abs(inputs.exact).max()
