"""A cause is given only to a finding that it reproduces; what raises or hangs is named as that."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness import subjects
from tests.harness.diagnosis.test_similarity import probe

from softcert import Implementation, certify
from softcert.diagnosis.reproduction import Agreement, agreement, far_off
from softcert_implementations.gallery import DEFECTS, triggers

slow = pytest.mark.slow  # whole certifications


def causes(function, op, dtype="float32", **claims):
    """(summary, cause) of each finding of a function."""
    found = certify(Implementation("mine", {op: function}, (dtype,), **claims), effort="quick", isolation="none")
    assert found.findings
    return [(f.summary, f.diagnosis) for f in found.findings]


def picked(p, labels):
    return p[np.arange(len(labels)), labels]


def sum_and_unshifted(x, labels):
    with np.errstate(all="ignore"):
        e = np.exp(x)
        return -np.log(picked(e / e.sum(-1, keepdims=True), labels)).sum(dtype=x.dtype)


def mean_of_elements_with_eps(x, labels):
    losses = -np.log(picked(subjects.softmax(x), labels) + x.dtype.type(1e-12))
    return x.dtype.type(losses.sum() / max(x.size, 1))


def swapped(labels, x):
    return -np.log(picked(subjects.softmax(x), labels)).mean()


def refuses_one_class(x, labels):
    if x.shape[1] < 2:
        raise ValueError("at least two classes")
    return subjects.softmax(x * 2) if labels is None else x.dtype.type(2) * subjects.cross_entropy(x, labels)


def lse_minus_logit(x, labels):
    d = x - x.max(-1, keepdims=True)
    lse = x.max(-1) + np.log(np.exp(d).sum(-1).astype(x.dtype)).astype(x.dtype)
    return (lse - picked(x, labels)).astype(x.dtype).mean(dtype=np.float32).astype(x.dtype)


def summed_in_format(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    total = np.zeros(e.shape[:1], x.dtype)
    for k in range(e.shape[1]):
        total = (total + e[:, k]).astype(x.dtype)
    return (e / total[:, None]).astype(x.dtype)


def test_the_same_errors_agree_and_others_do_not():
    given = probe(lambda exact: 2 * exact)
    assert agreement(given, given.got) == Agreement.BITS
    assert agreement(given, given.got * (1 + 1e-9)) == Agreement.SAME
    assert agreement(given, 1.7 * given.exact) == Agreement.ALIKE
    assert agreement(given, 5 * given.exact) == Agreement.NONE
    assert agreement(given, given.exact) == Agreement.NONE


@pytest.mark.parametrize("at", [(0, 0), (0, 1), (), (9, 9)])
def test_what_one_element_rules_out_is_never_the_same(at):
    """`far_off` only spares the work of `agreement`: whatever it turns down, `agreement` does too."""
    rng = np.random.default_rng(0)
    given = probe(lambda exact: 2 * exact)
    turned_down = 0
    for factor in (1e-9, 1e-7, 1e-5, 0.1, 1.0):
        for _ in range(40):
            got = given.got * (1 + factor * rng.standard_normal(given.got.shape))
            got[rng.random(got.shape) < 0.1] = rng.choice([np.nan, np.inf, 0.0])
            if far_off(given, got, at):
                turned_down += 1
                assert agreement(given, got, at) < Agreement.SAME
            assert not far_off(given, given.got, at)
    assert (turned_down > 50) == (at in ((0, 0), (0, 1)))


@pytest.mark.parametrize(
    ("trigger", "rows", "admitted"),
    [
        ("m > 1", [[709.8, 709.0]], False),
        ("a large common offset, |x| >= 1e5", [[0.0, -7.625]], False),
        ("C > 64: the last block is not merged", [[-980.0, -984.0]], False),
        ("a logit > 88 (float32), 709 (float64): -inf everywhere", [[88.8, 0.0]], True),
        ("a leading -inf", [[0.0, 1.0]], False),
        ("any input", [[0.0, 1.0]], True),
        ("a second call with smaller logits than the first", [[0.0, 1.0]], True),
    ],
)
def test_a_trigger_admits_an_input_or_does_not(trigger, rows, admitted):
    assert triggers.admits(trigger, triggers.Input(x=np.array(rows))) is admitted


def test_every_trigger_of_the_gallery_admits_its_own_witness():
    for defect in DEFECTS:
        for format in defect.formats:
            given = defect.witness(format)
            x, labels = np.asarray(given.get("x", 0.0)), given.get("labels")
            if x.ndim != 2:
                continue
            indices = None if labels is None or np.ndim(labels) != 1 else np.asarray(labels)
            read = triggers.Input(
                x=x.astype(np.float64), labels=indices, format=format, contiguous=x.flags.c_contiguous
            )
            assert triggers.admits(defect.trigger, read), (defect.name, format)


@slow
def test_arguments_that_are_swapped_are_an_exception_and_no_computation():
    for _, cause in causes(swapped, "cross_entropy"):
        assert cause.text.startswith("Raises IndexError")
        assert cause.family == "valid input refused"
        assert cause.confidence.startswith("certain")


@slow
def test_an_exception_is_the_cause_of_no_value():
    found = causes(refuses_one_class, "cross_entropy")
    raised = [c for s, c in found if "at least two classes" in s]
    values = [c for s, c in found if "at least two classes" not in s]
    assert raised
    assert values
    assert all(c.text.startswith("Raises ValueError") for c in raised)
    assert all("Raises" not in c.text for c in values)


@slow
def test_two_defects_are_two_causes():
    found = causes(sum_and_unshifted, "cross_entropy")
    one_row = next(c for s, c in found if s.startswith("cross_entropy of [") and "gives nan" in s and "row" not in s)
    assert one_row.family == "no max shift"
    assert not any("m > 1" in c.text for s, c in found if "(row" not in s and "(0, 1)" not in s and "shape" not in s)


@slow
def test_the_plain_wrong_value_leads_and_has_its_cause():
    found = causes(mean_of_elements_with_eps, "cross_entropy")
    ordinary = next(c for s, c in found if "gives 0.346574" in s)
    assert ordinary.family == "normalisation"


@slow
def test_a_block_of_100_is_not_the_cause_at_two_classes():
    for _, cause in causes(lse_minus_logit, "cross_entropy", "bfloat16"):
        assert "block" not in cause.text


@slow
def test_a_sum_in_bfloat16_is_no_cut_of_the_exponential():
    for _, cause in causes(summed_in_format, "softmax", "bfloat16"):
        assert "is 0 for" not in cause.text
