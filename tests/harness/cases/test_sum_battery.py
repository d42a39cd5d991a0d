"""A single missing class or row shows at the widest sizes, by the limits themselves."""

from __future__ import annotations

import numpy as np
import pytest

from softcert.cases import sum_battery
from softcert.cases.battery import battery
from softcert.cases.case import Case
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build
from softcert_implementations.contract import Contract
from softcert_oracle import limits
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth
from softcert_oracle.unseen import smallest_seen

QUICK = EFFORTS["quick"]


def stable(operation, format, inputs, rows=None):
    """The limits of level "stable" for some rows of a case, and the rows themselves."""
    exact = truth.rows(inputs.exact[:rows])
    labels = inputs.indices[:rows] if operation.startswith("cross") else None
    parameters = Contract().terms(operation, format).limit_parameters
    return limits.limit(operation, Level.STABLE, exact, labels, parameters), exact


@pytest.mark.parametrize("operation", ["softmax", "logsumexp"])
@pytest.mark.parametrize("format", ["float32", "float64"])
def test_any_class_that_is_missing_from_the_widest_sums_leaves_the_limit(operation, format):
    cases = [c for c in sum_battery.rows(formats.lookup(format), QUICK) if c.classes > 1000]
    covered = {C: np.zeros(C, bool) for C in (131072, 262144)}
    assert {c.classes for c in cases} == covered.keys()
    for case in cases:
        inputs = build(case)
        ones = inputs.exact[0] == 0
        covered[case.classes] |= ones
        limit = stable(operation, format, inputs)[0].numbers.to_float()
        count = int(ones.sum())
        missing = -np.log1p(-1 / count)  # relative, of every probability; absolute, of the log-sum-exp
        assert missing > 1.3 * (limit[0, 0] * count if operation == "softmax" else limit[0])
    assert all(classes.all() for classes in covered.values())


@pytest.mark.parametrize("format", ["float32", "float64"])
@pytest.mark.parametrize("m", [8192, 65537])
def test_any_row_that_is_lost_from_a_large_batch_leaves_the_limit(format, m):
    cases = [c for c in sum_battery.every_row(formats.lookup(format), EFFORTS["standard"]) if c.rows_count == m]
    covered = np.zeros(m, bool)
    for number, case in enumerate(cases):
        inputs = build(case)
        covered |= inputs.exact[:, 1] > inputs.exact[:, 0]
        if number == 0:  # the others differ in which rows have the losses, not in how many
            limit = stable("cross_entropy", format, inputs)[0].numbers.to_float()
            assert 128 / m > 1.5 * float(limit)
    assert covered.all()


@pytest.mark.parametrize("m", [8192, 65537])
def test_quick_has_the_first_the_middle_and_the_last_row(m):
    cases = [c for c in sum_battery.every_row(formats.lookup("float32"), QUICK) if c.rows_count == m]
    covered = sum((build(c).exact[:, 1] > build(c).exact[:, 0]).astype(int) for c in cases)
    assert covered[[0, m // 2, m - 1]].tolist() == [1, 1, 1]
    assert len(cases) == 3


def test_narrow_results_have_no_such_batches():
    assert not list(sum_battery.every_row(formats.lookup("bfloat16"), QUICK))


@pytest.mark.slow(reason="the limits of every class count of a battery")
@pytest.mark.parametrize("operation", ["softmax", "logsumexp"])
def test_a_relative_error_of_one_in_ten_thousand_shows_at_every_class_count(operation):
    smallest: dict[int, float] = {}
    for case in battery(operation, "float32", QUICK, Contract().terms(operation, "float32"), 0):
        inputs = build(case)
        if case.classes < 2 or not case.rows_count or not np.isfinite(inputs.exact.max(axis=1)).all():
            continue
        if inputs.indices is not None and not ((inputs.indices >= 0) & (inputs.indices < case.classes)).all():
            continue
        limit, rows = stable(operation, "float32", inputs, 4)
        least = float(np.min(smallest_seen(limit, operation, rows)))
        smallest[case.classes] = min(least, smallest.get(case.classes, 1.0))
    assert len(smallest) > 100
    assert {C: least for C, least in smallest.items() if least > 1e-4} == {}


def test_a_class_count_with_wide_limits_gets_a_row_with_narrow_ones():
    fmt = formats.lookup("float32")
    made = list(sum_battery.narrow_rows(fmt, [case_of("peak", 3, 5000), case_of("offset", 2, 40)]))
    assert [(c.regime, c.rows_count, c.classes) for c in made] == [("sparse rows", 2, 40), ("sparse rows", 3, 5000)]
    assert not list(sum_battery.narrow_rows(fmt, [*made, case_of("peak", 3, 50)]))


def case_of(regime, m, C):
    """A case of a regime with its own parameters."""
    return Case.of(regime, m, C, "float32")
