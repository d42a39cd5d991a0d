"""Relations between calls: each holds for a right function and fails for one that breaks just this dependence."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import exact_of, judged, softmax

from softcert.cases.call import build_call
from softcert.cases.inputs import build
from softcert.properties import relations
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
    assert not relations.compare("shift", a, a.copy(), np.zeros(3), "sound").failed
    assert relations.compare("shift", a, np.array([-np.inf, 0.0, 1.0]), np.ones(3), "sound").violated == 2


def test_the_textbook_softmax_is_related_to_itself():
    checks = relations.check(
        "softmax", run_of(lambda name, x, got: softmax(x.astype(np.float32))), frozenset({"softmax"}), BASES
    )
    assert not any(check.failed for _, check in checks)
