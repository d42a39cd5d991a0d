"""Relations between calls: each holds for a right function and fails for one that breaks just this dependence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.harness.building import exact_of, judged, softmax

from softcert.cases.call import build_call
from softcert.cases.case import Case
from softcert.cases.inputs import build, explicit, round_to
from softcert.properties import relations
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats
from softcert_oracle.operations import CORE

BASES = relations.bases("float32", 4)


def run_of(change):
    """Exact results, changed by a function of operation, logits and result."""

    def run(operation, case):
        call = build_call(operation, build(case))
        return judged(call, change(operation, call.inputs.exact, exact_of(call)))

    return run


def failed(operation, change, offered=CORE):
    checks = relations.check(operation, run_of(change), frozenset(offered), BASES)
    return {check.property_name for _, check in checks if check.failed}


@pytest.mark.parametrize("operation", CORE)
def test_exact_results_satisfy_every_relation(operation):
    assert failed(operation, lambda name, x, got: got) == set()


@pytest.mark.parametrize(
    ("broken", "change"),
    [
        ("shift", lambda name, x, got: got * (1 + 0.01 * (x.max() > 30))),
        ("permutation", lambda name, x, got: got * (1 + 0.01 * np.arange(got.shape[-1]))),
        ("padding", lambda name, x, got: got * (1 + 0.01 * np.isneginf(x).any())),
        ("duplication", lambda name, x, got: got * (1 + 0.01 * (x.shape[1] % 2 == 0 and x.shape[1] > 4))),
        ("batch_independence", lambda name, x, got: got * (1 + 0.01 * (len(x) > 1))),
    ],
)
def test_a_softmax_that_depends_on_something_else_breaks_the_relation(broken, change):
    assert broken in failed("softmax", change, offered=("softmax",))


@pytest.mark.parametrize("operation", ["softmax", "log_softmax", "cross_entropy"])
def test_operations_that_disagree_are_not_consistent(operation):
    change = lambda name, x, got: got + (0.1 if name == operation else 0.0)  # noqa: E731
    assert "consistency" in failed(operation, change)
    assert "consistency" not in failed(operation, change, offered=(operation,))


def test_a_gradient_of_another_loss_differs_from_its_difference_quotients():
    change = lambda name, x, got: 2 * got if name == "cross_entropy_grad" else got  # noqa: E731
    assert "gradient_differences" in failed("cross_entropy_grad", change)


def test_bases_are_short_dyadic_numbers():
    for case in BASES:
        x = build(case).exact
        assert np.array_equal(x * 4, np.round(x * 4))
    assert len({case.rows for case in BASES}) == 4


def test_a_comparison_forgives_equal_infinities_and_nan():
    a = np.array([np.inf, np.nan, 1.0])
    assert not relations.compare("shift", a, a.copy(), lambda: np.zeros(3), "sound").failed
    assert relations.compare("shift", a, np.array([-np.inf, 0.0, 1.0]), lambda: np.ones(3), "sound").violated == 2


def test_the_textbook_softmax_is_related_to_itself():
    checks = relations.check(
        "softmax", run_of(lambda name, x, got: softmax(x.astype(np.float32))), frozenset({"softmax"}), BASES
    )
    assert not any(check.failed for _, check in checks)


def doubled(x):
    """Whether every class stands there twice."""
    half = x.shape[1] // 2
    return x.shape[1] % 2 == 0 and np.array_equal(x[:, :half], x[:, half:])


@pytest.mark.parametrize(
    ("broken", "when"),
    [
        ("shift", lambda x: x.max() > 20),
        ("permutation", lambda x: np.arange(x.shape[1])),
        ("padding", lambda x: np.isneginf(x).any()),
        ("duplication", doubled),
        ("batch_independence", lambda x: len(x) > 1),
    ],
)
@pytest.mark.parametrize("operation", ["softmax", "log_softmax"])
def test_no_other_relation_fails_than_the_one_that_is_broken(broken, when, operation):
    def change(name, x, got):
        factor = 1 + 0.01 * when(x)
        return got * factor if name == "softmax" else got + np.log(factor)

    assert failed(operation, change, offered=(operation,)) == {broken}


def judged_exactly(operation, case, **claims):
    """The exact result, judged."""
    call = build_call(operation, build(case))
    return judged(call, exact_of(call, **claims), **claims)


def on_either_side(limits):
    """A subject whose first result lies above the exact one, and all others below, by so many of their limits."""
    count = iter([limits])

    def run(operation, case):
        output = judged_exactly(operation, case)
        return replace(output, got=output.got + next(count, -limits) * output.limits(Level.STABLE))

    return run


RELATED = {
    "softmax": {"shift", "permutation", "padding", "duplication", "batch_independence", "consistency"},
    "log_softmax": {"shift", "permutation", "padding", "duplication", "batch_independence", "consistency"},
    "logsumexp": {"shift", "permutation", "padding", "duplication", "batch_independence"},
    "cross_entropy": {"shift", "permutation", "padding", "consistency"},
    "cross_entropy_grad": {"shift", "permutation", "padding", "batch_independence"},
}
"""The relations of a batch."""
BATCH = explicit(
    Case.of("relation", 2, 5, "float32"), np.array([[1.0, 0.25, -2, 3, 0], [2, -1, 0.5, 0, 1]]), np.array([3, 1])
)


@pytest.mark.parametrize("operation", CORE)
def test_two_results_may_differ_by_the_sum_of_their_limits(operation):
    checks = [c for _, c in relations.check(operation, on_either_side(0.99), frozenset(CORE), [BATCH])]
    assert {c.property_name for c in checks} == RELATED[operation]
    assert not any(c.failed for c in checks)
    checks = [c for _, c in relations.check(operation, on_either_side(1.01), frozenset(CORE), [BATCH])]
    # x - logsumexp and -log_softmax turn the sign: these errors must lie on one side to add up (the test below).
    wider = {"consistency"} if operation in ("log_softmax", "cross_entropy") else set()
    assert {c.property_name for c in checks if c.failed} == RELATED[operation] - wider
    for check in checks:
        assert (check.unit, check.limit, check.measured) == ("slack", 1.0, check.ratio)
        assert check.cause == ("value" if check.failed else "")
        assert (check.index == ()) is (operation == "cross_entropy")


@pytest.mark.parametrize(("limits", "broken"), [(0.99, set()), (1.01, {"consistency"})])
@pytest.mark.parametrize("operation", ["log_softmax", "cross_entropy"])
def test_operations_may_disagree_by_the_sum_of_their_limits(limits, broken, operation):
    def run(name, case):
        output = judged_exactly(name, case)
        return replace(output, got=output.got + limits * output.limits(Level.STABLE))

    checks = [c for _, c in relations.check(operation, run, frozenset(CORE), [BATCH])]
    assert {c.property_name for c in checks if c.failed} == broken


def test_what_fails_at_stable_alone_is_shown_at_stable():
    def level_of(limits):
        checks = relations.check("softmax", on_either_side(limits), frozenset({"softmax"}), [BATCH])
        return {check.level for _, check in checks if check.property_name == "shift"}

    assert level_of(0.5) == {Level.STABLE}
    assert level_of(1.01) == {Level.STABLE}, "logits near 32 may be moved by more at sound"
    assert level_of(1e5) == {Level.SOUND}


@pytest.mark.parametrize("operation", CORE)
def test_where_there_is_no_output_nothing_is_related(operation):
    assert list(relations.check(operation, lambda name, case: None, frozenset(CORE), BASES)) == []
    count = iter([True])

    def only_the_first(name, case):
        return judged_exactly(name, case) if next(count, False) else None

    assert list(relations.check(operation, only_the_first, frozenset(CORE), [BASES[1]])) == []


def calls(operation, case, offered=(), **claims):
    """The operations and inputs of each call, and the properties checked."""
    seen = []

    def run(name, case):
        seen.append((name, build(case)))
        return judged_exactly(name, case, **claims)

    names = [c.property_name for _, c in relations.check(operation, run, frozenset(offered), [case])]
    return seen, names


def test_the_related_inputs_are_what_the_relations_say():
    seen, names = calls("softmax", BATCH)
    assert names == ["shift", "permutation", "padding", "duplication", "batch_independence"]
    x, shifted, permuted, padded, duplicated, alone = [inputs.exact for _, inputs in seen]
    assert np.array_equal(shifted, x + 32)
    assert np.array_equal(permuted, x[:, [0, 4, 3, 2, 1]])
    assert np.array_equal(padded, np.hstack([x, np.full((2, 3), -np.inf)]))
    assert np.array_equal(duplicated, np.hstack([x, x]))
    assert np.array_equal(alone, x[1:])


def test_labels_follow_their_classes():
    seen, names = calls("cross_entropy_grad", BATCH)
    assert names == ["shift", "permutation", "padding", "batch_independence"]
    labels = [inputs.labels.tolist() for _, inputs in seen]
    assert labels == [[3, 1], [3, 1], [2, 4], [3, 1], [1]]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_the_gradient_of_a_row_alone_is_not_divided_by_the_rows_of_a_batch(reduction):
    def run(name, case):
        return judged_exactly(name, case, reduction=reduction)

    checks = [c for _, c in relations.check("cross_entropy_grad", run, frozenset(), [BATCH])]
    assert "batch_independence" in {c.property_name for c in checks}
    assert not any(c.failed for c in checks)


@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_losses_that_are_not_averaged_have_no_consistency_and_no_row_alone(reduction):
    assert calls("cross_entropy", BATCH, CORE, reduction=reduction)[1] == ["shift", "permutation", "padding"]


def test_formats_without_infinity_are_not_padded():
    assert "padding" not in calls("softmax", relations.bases("float8_e4m3fn", 1)[0])[1]


@pytest.mark.parametrize("format", formats.FORMATS)
def test_bases_and_their_shifts_are_numbers_of_the_format(format):
    fmt = formats.lookup(format)
    cases = relations.bases(format, 6)
    assert [(c.rows_count, c.classes) for c in cases[:4]] == [(2, 5), (1, 3), (3, 17), (1, 10)]
    wide = fmt.precision >= 8
    for case, span in zip(cases, (3, 6, 10) * 2 if wide else (4, 5, 6) * 2, strict=True):
        inputs = build(case)
        shifted = inputs.exact + (32 if wide else 1)
        assert [[round_to(v, fmt) for v in row] for row in shifted.tolist()] == shifted.tolist()
        assert np.abs(inputs.exact).max() <= span
        assert 0 <= inputs.labels.min() <= inputs.labels.max() < case.classes
    assert max(np.abs(build(c).exact).max() for c in cases) > (9 if wide else 4)
    assert min(build(c).exact.min() for c in cases) < (-9 if wide else -4)
    finest = min(np.abs(np.diff(np.unique(build(c).exact))).min() for c in cases)
    assert finest == (0.25 if wide else 1)


@pytest.mark.parametrize(("format", "by"), [("float8_e4m3fn", 1.0), ("bfloat16", 32.0), ("float64", 32.0)])
def test_shifts_are_exact_in_narrow_formats(format, by):
    seen, _ = calls("softmax", relations.bases(format, 1)[0])
    assert np.unique(seen[1][1].exact - seen[0][1].exact).tolist() == [by]


@pytest.mark.parametrize(
    ("a", "b", "slack", "ratio", "cause"),
    [
        ([1.0, 2.0], [1.0, 2.5], [0.25, 0.25], 2.0, "value"),
        ([1.0, 2.0], [1.0, 2.25], [0.25, 0.25], 1.0, ""),
        ([1.0, np.nan], [1.0, 2.0], [1.0, 1.0], np.inf, "nan"),
        ([1.0, 2.0], [1.0, np.nan], [1.0, 1.0], np.inf, "nan"),
        ([0.0, 1.0], [0.0, 1.0 + 2.0**-52], [0.0, 0.0], 0.5, ""),
        ([0.0, 1.0], [0.0, 1.0 + 2.0**-48], [0.0, 0.0], 8.0, "value"),
        ([0.0, 4.0], [0.0, 4.0 + 2.0**-49], [0.0, 0.0], 1.0, ""),
    ],
)
def test_a_comparison_measures_the_difference_in_slacks(a, b, slack, ratio, cause):
    check = relations.compare("shift", np.array(a), np.array(b), lambda: np.array(slack), Level.STABLE)
    assert check.ratio == check.measured == pytest.approx(ratio, rel=1e-9)
    assert (check.cause, check.index, check.level, check.limit) == (cause, (1,), Level.STABLE, 1.0)


def test_equal_outputs_are_compared_without_a_limit():
    """Limits cost more than most comparisons, and equal outputs are within any."""
    check = relations.compare("shift", np.array([1.0, np.nan]), np.array([1.0, np.nan]), lambda: 1 / 0, Level.SOUND)
    assert (check.failed, check.ratio, check.checked) == (False, 0.0, 2)


@pytest.mark.parametrize("operation", CORE)
def test_the_calls_of_the_relations_are_made_before_their_outputs_are_compared(operation):
    """Comparisons make no call, and give the checks that are made where each follows its calls at once."""
    change = lambda name, x, got: got * (1 + 0.01 * (x.max() > 2))  # noqa: E731
    calls = []

    def run(name, case):
        calls.append(case)
        return run_of(change)(name, case)

    compared = list(relations.comparisons(operation, run, frozenset(CORE), BASES))
    made = len(calls)
    later = [(case, comparison()) for case, comparison in compared]
    assert len(calls) == made > len(BASES)
    at_once = list(relations.check(operation, run, frozenset(CORE), BASES))
    assert any(check.failed for _, check in later)
    assert [(case, repr(check)) for case, check in later] == [(case, repr(check)) for case, check in at_once]


def test_a_comparison_of_two_scalars_has_no_index():
    check = relations.compare("shift", np.float64(1), np.float64(2), lambda: np.float64(0.5), Level.SOUND)
    assert (check.index, check.ratio, check.checked) == ((), pytest.approx(2), 1)


ONE_ROW = explicit(Case.of("relation", 1, 3, "float32"), np.array([[1.0, 0.25, -2]]), np.array([0]))


@pytest.mark.parametrize(
    ("case", "offered", "claims", "compared"),
    [
        (ONE_ROW, CORE, {}, True),
        (ONE_ROW, CORE, {"reduction": "sum"}, True),
        (ONE_ROW, CORE, {"reduction": "none"}, False),
        (ONE_ROW, ("cross_entropy_grad",), {}, False),
        (ONE_ROW.with_(format="bfloat16"), CORE, {}, False),
        (ONE_ROW.with_(format="float64"), CORE, {}, True),
        (BATCH, CORE, {}, False),
    ],
)
def test_difference_quotients_are_formed_of_one_row_in_a_wide_format(case, offered, claims, compared):
    seen, names = calls("cross_entropy_grad", case, offered, **claims)
    assert ("gradient_differences" in names) is compared
    losses = [inputs.exact for name, inputs in seen if name == "cross_entropy"]
    assert len(losses) == (7 if compared else 0)
    if compared:
        up, down = losses[1] - losses[0], losses[2] - losses[0]
        assert np.array_equal(up, -down), "the step is exact"
        assert np.count_nonzero(up) == 1


def test_a_difference_quotient_may_miss_by_truncation_and_noise():
    # Truncation and noise together are least for h^3 = 3 (limit of the loss) / (third derivative).
    limit = float(judged_exactly("cross_entropy", ONE_ROW).limits(Level.STABLE))
    third = 1 / (6 * 3**0.5)
    step = (3 * limit / third) ** (1 / 3)
    seen, _ = calls("cross_entropy_grad", ONE_ROW, CORE)
    losses = [inputs.exact for name, inputs in seen if name == "cross_entropy"]
    assert 0.7 < (losses[1] - losses[0])[0, 0] / step < 1.5

    def ratio(by):
        def run(name, case):
            output = judged_exactly(name, case)
            return replace(output, got=output.got + by) if name == "cross_entropy_grad" else output

        checks = relations.check("cross_entropy_grad", run, frozenset(CORE), [ONE_ROW])
        (check,) = [c for _, c in checks if c.property_name == "gradient_differences"]
        assert check.level == Level.SOUND
        return check.ratio

    assert ratio(0.0) < 1
    assert ratio(20 * third * step**2) > 1


def test_the_slack_of_a_difference_quotient_is_truncation_noise_and_the_limit_of_the_gradient():
    seen, _ = calls("cross_entropy_grad", ONE_ROW, CORE)
    inputs = [inputs for name, inputs in seen if name == "cross_entropy"]
    step = (inputs[1].exact - inputs[0].exact)[0, 0]
    noise = sum(float(judged_exactly("cross_entropy", i.case).limits(Level.SOUND)) for i in inputs[1:3])
    limit = judged_exactly("cross_entropy_grad", ONE_ROW).limits(Level.SOUND)[0, 0]
    slack = step**2 / (36 * 3**0.5) + noise / (2 * step) + limit

    def run(name, case):
        output = judged_exactly(name, case)
        off = 100.0 * (np.arange(case.classes) == 0)
        return replace(output, got=output.got + off) if name == "cross_entropy_grad" else output

    checks = [c for _, c in relations.check("cross_entropy_grad", run, frozenset(CORE), [ONE_ROW])]
    (check,) = [c for c in checks if c.property_name == "gradient_differences"]
    assert (check.index, check.ratio) == ((0, 0), pytest.approx(100 / slack, rel=1e-3))
