"""`certify`: right implementations are certified, wrong ones are not, and the finding names what is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness import subjects

from softcert import Certificate, Implementation, UsageError, certify

FEW = {"max_classes": 256, "max_rows": 512}
"""A domain whose battery is short: the cases at its ends are the ones that it needs."""


def verdict(function, op="softmax", dtype="float32", claims=FEW, **how) -> Certificate:
    how = {"effort": "quick", "isolation": "none", **how}
    return certify(Implementation("mine", {op: function}, (dtype,), **claims), **how)


def test_a_right_implementation_is_certified_in_all_five_operations():
    certificate = certify(
        Implementation(name="mine", ops=subjects.OPS, dtypes=("float32",), arrays="numpy"), effort="quick", seed=0
    )
    assert certificate.certified, certificate.summary()
    assert certificate.verdict == "certified"
    assert certificate.level == "stable"
    assert set(certificate.levels) == set(subjects.OPS)
    assert certificate.findings == ()
    assert "certified" in certificate.summary()


def test_an_unshifted_softmax_overflows_just_above_88_72():
    certificate = verdict(subjects.unshifted_softmax)
    assert not certificate.certified
    finding = next(f for f in certificate.findings if f.property == "finite" and f.cause == "nan")
    logits = [float.fromhex(v) for row in finding.witness.x_hex for v in row]
    assert len(logits) <= 2
    assert 88.72 < max(logits) < 88.75
    assert "sum_to_one" in {f.property for f in certificate.findings}
    assert "overflow" in finding.diagnosis.text or "maximum" in finding.diagnosis.text


def test_an_unshifted_softmax_overflows_just_above_709_78_in_float64():
    finding = next(f for f in verdict(subjects.unshifted_softmax, dtype="float64").findings if f.cause == "nan")
    assert 709.78 < max(float.fromhex(v) for v in finding.witness.x_hex[0]) < 709.95


@pytest.mark.parametrize(
    ("function", "op", "property"),
    [
        (subjects.zeros, "softmax", "finite"),
        (subjects.raises, "softmax", "completes"),
        (subjects.wrong_shape, "softmax", "result_shape"),
        (subjects.wrong_format, "softmax", "result_format"),
        (subjects.no_array, "softmax", "result_format"),
        (subjects.in_place, "softmax", "input_unchanged"),
        (subjects.reads_beyond, "softmax", "finite"),
        (subjects.order_reversed, "softmax", "order"),
        (subjects.gradient_without_one_hot, "cross_entropy_grad", "gradient_signs"),
        (subjects.gradient_reversed, "cross_entropy_grad", "gradient_signs"),
        (subjects.loss_of_probabilities, "cross_entropy", "loss_sign"),
        (subjects.lse_without_the_maximum, "logsumexp", "lse_bounds"),
    ],
)
def test_what_is_wrong_is_named(function, op, property):
    certificate = verdict(function, op)
    assert certificate.verdict == "not certified"
    assert property in {f.property for f in certificate.findings}
    assert all(f.id.startswith(f"mine-{op.replace('_', '-')}-float32") for f in certificate.findings)


def test_state_that_is_kept_between_calls_is_found():
    assert not verdict(subjects.Cached().softmax).certified


@pytest.fixture(scope="module")
def unnormalised() -> Certificate:
    return verdict(subjects.unnormalised)


def test_a_finding_has_a_witness_with_bits_and_both_values(unnormalised):
    finding = unnormalised.findings[0]
    assert finding.witness.got.hex.startswith("0x")
    assert finding.witness.exact.decimal
    assert finding.measured > finding.limit > 0
    assert finding.unit == "ulp"
    assert finding.dtype == "float32"
    assert "sum_to_one" in {f.property for f in unnormalised.findings}
    assert "rerun" in finding.reproduction


def test_the_stand_alone_snippet_shows_the_defect_without_softcert(unnormalised, capsys):
    finding = next(f for f in unnormalised.findings if f.snippet)
    assert "softcert" not in finding.snippet
    exec(compile(finding.snippet, "snippet", "exec"), {})
    shown = capsys.readouterr().out
    assert "got:" in shown
    assert "exact" in shown


def test_levels_are_held_to():
    stable = verdict(subjects.log_softmax, "log_softmax")
    assert stable.certified
    accurate = verdict(subjects.log_softmax, "log_softmax", level="accurate")
    assert not accurate.certified
    assert accurate.level == "stable"


def test_an_algorithm_that_is_not_safe_against_an_offset_is_sound_only():
    def through_logsumexp(x):
        return np.exp(x - subjects.logsumexp(x)[:, None])

    certificate = verdict(through_logsumexp)
    assert certificate.level == "sound"
    assert not certificate.certified
    assert verdict(through_logsumexp, level="sound").certified


@pytest.mark.parametrize(
    ("how", "word"),
    [
        ({"effort": "quik"}, "quick"),
        ({"level": "stabel"}, "stable"),
        ({"isolation": "proces"}, "process"),
        ({"seed": -1}, "seed=-1"),
        ({"seed": "x"}, "seed='x'"),
        ({"ops": ("softmx",)}, "softmax"),
        ({"ops": ("logsumexp",)}, "logsumexp"),
    ],
)
def test_wrong_use_names_the_argument_and_what_is_accepted(how, word):
    with pytest.raises(UsageError, match=word):
        verdict(subjects.softmax, **how)


def test_a_contract_so_loose_that_it_says_nothing_is_never_green():
    """The widest claims that are accepted still tell zeros from the truth; wider ones are wrong use."""
    widest = {"exp_ulp": 8192.0, "log_ulp": 8192.0, "div_ulp": 8192.0}
    assert not verdict(subjects.zeros, claims=widest).certified
    with pytest.raises(UsageError, match="give at most 8192 ulp"):
        verdict(subjects.zeros, claims={"exp_ulp": 2.0**19, "log_ulp": 2.0**19})


def test_a_closure_is_certified_in_a_process_of_its_own():
    factor = np.float32(1.0)

    def mine(x):
        return subjects.softmax(x) * factor

    assert certify(mine, op="softmax", dtypes="float32", effort="quick").certified
