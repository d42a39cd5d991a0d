"""A lie about any field of a contract is found: for each field a subject that is right but for this one claim."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from tests.harness.certification import lying_subjects as lying
from tests.harness.certification.lying_subjects import failing

from softcert import Implementation
from softcert.certification.certify import certify_until_failed
from softcert.certification.plan import Plan
from softcert_implementations.contract import FIELDS

LARGE = {"max_classes": 16, "max_rows": 16}  # keeps the batteries of losses short


def largest(x):
    return np.abs(x[np.isfinite(x)]).max(initial=0)


LIES = {
    "reduction": ("cross_entropy", lying.cross_entropy, {"reduction": "sum"}, "accuracy"),
    "working_precision": ("softmax", lying.softmax, {"working_precision": "float64"}, "accuracy"),
    "working_precision, by default": ("softmax/float16", lying.softmax, {}, "accuracy"),
    "sum_format": ("softmax/float16", lying.narrow_sum, {"sum_format": "float32"}, "accuracy"),
    "saved_format": (
        "cross_entropy_grad",
        lying.gradient_of_narrow_probabilities,
        {"saved_format": "float32"},
        "accuracy",
    ),
    "result_format": ("softmax", lying.softmax, {"result_format": "float64"}, "result_format"),
    "summation": ("softmax", lying.one_after_the_other, {"summation": "pairwise"}, "accuracy"),
    "algorithm": ("softmax", lying.by_the_logarithm, {"algorithm": "shift-divide"}, "accuracy"),
    "exp_ulp": ("softmax", lying.coarse_exp, {"exp_ulp": 1}, "accuracy"),
    "log_ulp": ("log_softmax", lying.coarse_log, {"log_ulp": 1}, "accuracy"),
    "div_ulp": ("softmax", lying.coarse_division, {"div_ulp": 0.5}, "accuracy"),
    "flush_subnormals": ("softmax", lying.flushing, {"flush_subnormals": False}, "finite"),
    "saturates": ("log_softmax", lying.saturating_log_softmax, {"saturates": False}, "accuracy"),
    "saturates, infinity": ("log_softmax/float16", lying.narrow_log_softmax, {"saturates": True}, "finite"),
    "special_values": ("softmax", lying.limit_of_infinities, {"special_values": "nan"}, "special_values"),
    "special_values, limit": ("softmax", lying.softmax, {"special_values": "limit"}, "special_values"),
    "label_dtypes": (
        "cross_entropy",
        failing(lambda x, labels: labels.dtype == np.int32, lying.cross_entropy),
        {"label_dtypes": ["int64", "int32"], **LARGE},
        "completes",
    ),
    "invalid_labels": ("cross_entropy", lying.clipping, {"invalid_labels": "refuse", **LARGE}, "invalid_labels"),
    "repeatable": ("softmax", lying.Drifting(), {"repeatable": True}, "repeatable"),
    "batch_invariant": ("softmax", lying.in_parts, {"batch_invariant": True}, "batch_independence"),
    "empty_batch": ("softmax", failing(lambda x: len(x) == 0), {"empty_batch": "result"}, "completes"),
    "input_kinds": ("softmax", lying.like_the_input, {"input_kinds": ["integers"], **LARGE}, "finite"),
    "input_kinds, lists": ("softmax", lying.softmax, {"input_kinds": ["lists"], **LARGE}, "completes"),
    "options": ("cross_entropy", lying.without_weight, {"options": ["weight"], **LARGE}, "accuracy"),
    "min_classes": ("softmax", failing(lambda x: x.shape[1] == 6), {"min_classes": 6}, "completes"),
    "max_classes": ("softmax", failing(lambda x: x.shape[1] == 50), {"max_classes": 50}, "completes"),
    "classes_multiple_of": ("softmax", failing(lambda x: x.shape[1] % 96), {"classes_multiple_of": 48}, "completes"),
    "max_rows": ("softmax", failing(lambda x: len(x) == 16), {"max_rows": 16}, "completes"),
    "max_abs_logit": ("softmax", failing(lambda x: largest(x) > 37.2), {"max_abs_logit": 37.3}, "completes"),
    "layouts": (
        "softmax",
        failing(lambda x: not x.flags.c_contiguous),
        {"layouts": ["C", "transposed slice"]},
        "completes",
    ),
}
"""By field: operation (and format), a subject, what it claims, and the property that finds it out."""

NO_LIE = {
    "call": "it says how the harness calls the functions: in another form they raise or give other values, which is "
    "found as it is in the plain one",
    "device": "it says where the harness places the arguments, not what the subject does: a subject that cannot work "
    "there raises, and where there is no such device the unit is not run",
}
"""Fields about which nothing false can be said, and why."""


def found(operation, function, claims):
    name, _, format = operation.partition("/")
    subject = Implementation("lying", {name: function}, (format or "float32",), **claims)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return certify_until_failed(subject, Plan.of("quick", isolation="none"))


@pytest.mark.slow  # each is a run up to its first finding; all of them together are what is checked
@pytest.mark.parametrize("field", LIES)
def test_a_lie_is_found_and_named(field):
    operation, function, claims, property_name = LIES[field]
    result = found(operation, function, claims)
    assert result.verdict == "not certified"
    assert property_name in {f.property_name for f in result.findings}


def test_each_field_has_a_lie_or_a_reason():
    told = {name.partition(",")[0] for name in LIES}
    assert told.isdisjoint(NO_LIE)
    assert sorted(told | set(NO_LIE)) == sorted(FIELDS)


RIGHT = {
    "label_dtypes": ("cross_entropy", lying.cross_entropy, {"label_dtypes": ["int64", "int32"], **LARGE}),
    "batch_invariant": ("softmax", lying.softmax, {"batch_invariant": True, "repeatable": True}),
    "batch_invariant, gradient": ("cross_entropy_grad", lying.gradient, {"batch_invariant": True, "max_classes": 64}),
    "empty_batch": ("cross_entropy", lying.cross_entropy, {"empty_batch": "result", **LARGE}),
    "saturates": ("log_softmax/float16", lying.saturating_log_softmax, {"saturates": True, **LARGE}),
    "max_rows": ("softmax", lying.softmax, {"max_rows": 16, "min_classes": 6, "max_classes": 50}),
    "max_abs_logit": ("softmax", lying.softmax, {"max_abs_logit": 37.3, "classes_multiple_of": 48}),
}


@pytest.mark.slow  # whole runs: a claim that is true must pass every case that it brings
@pytest.mark.parametrize("claim", RIGHT)
def test_a_true_claim_is_certified(claim):
    assert found(*RIGHT[claim]).verdict == "certified"


@pytest.mark.slow  # a whole run: nothing is found
def test_an_error_for_no_rows_is_accepted_without_the_promise():
    assert found("softmax", failing(lambda x: len(x) == 0), LARGE).verdict == "certified"
