"""What makes a model like a subject, on probes that are built here; and what is known without any model."""

from __future__ import annotations

import numpy as np
import pytest

from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.certification.certify import Plan, certify_one
from softcert.diagnosis import diagnose, similarity, symptoms
from softcert.diagnosis.probes import Probe, gather
from softcert.diagnosis.similarity import Suspect
from softcert.engine.repeatability import Steadiness
from softcert_implementations.bundled import numpy_shifted
from softcert_implementations.implementation import Implementation

SOFTMAX = numpy_shifted.IMPLEMENTATION.ops["softmax"]


def probe(got, *, seed=0, flags=(), shape=(2, 3), layout="C"):
    """A case with the exact softmax, an output made of it by ``got`` (None: no output), and a limit of 1e-6."""
    case = Case("ordinary", *shape, "float32", seed=seed, layout=layout)
    inputs = build(case)
    e = np.exp(inputs.exact - inputs.exact.max(-1, keepdims=True))
    truth = e / e.sum(-1, keepdims=True)
    limit = np.full(truth.shape, 1e-6)
    return Probe(case, truth, limit, None if got is None else got(truth), frozenset(flags), inputs=inputs)


def suspect(function):
    return Suspect("a model", "wrong function", "softmax", lambda: function, "does something")


def right(p):
    return p


def doubled(p):
    return 2 * p


def test_a_probe_fails_where_a_value_is_off_or_a_flag_is_up():
    assert not probe(right).failing
    assert probe(doubled).failing
    assert probe(None, flags=["completes"]).failing
    assert not probe(lambda p: p + 1e-7).failing


def test_the_same_mistake_is_like_itself_and_another_is_not():
    probes = [probe(doubled, seed=k) for k in range(4)] + [probe(doubled, seed=9, shape=(4, 7))]
    assert similarity.likeness(suspect(lambda x: SOFTMAX(x) * np.float32(2)), probes) == 1
    assert similarity.likeness(suspect(lambda x: SOFTMAX(x) * np.float32(0)), probes) < 0.5
    assert similarity.likeness(suspect(SOFTMAX), probes) == 0


def test_a_mistake_where_the_subject_is_right_counts_against_a_model():
    probes = [probe(doubled), *(probe(right, seed=k) for k in range(1, 4))]
    assert similarity.likeness(suspect(lambda x: SOFTMAX(x) * np.float32(2)), probes) == 0.25


def test_an_infinity_is_not_near_a_number():
    probes = [probe(doubled)]
    assert similarity.likeness(suspect(lambda x: SOFTMAX(x) + np.float32(np.inf)), probes) == 0


def test_what_cannot_reach_the_least_is_left_early():
    calls = []
    probes = [probe(doubled, seed=k) for k in range(8)]
    assert similarity.likeness(suspect(lambda x: calls.append(1) or SOFTMAX(x)), probes, least=0.9) == 0
    assert len(calls) < 3


def test_a_model_that_writes_into_its_input_leaves_it_whole_for_the_next():
    case = probe(doubled)
    before = case.inputs.exact.copy()

    def in_place(x):
        x[...] = SOFTMAX(x)
        return x

    answer = similarity.perform("softmax", in_place, case)
    assert answer.flags == {"input_unchanged"}
    assert np.allclose(answer.got, case.truth)
    assert np.array_equal(case.inputs.x, before)


def known(probes, found=(), steadiness=None):
    return {s.family: score for score, s in symptoms.suspects("softmax", probes, found, steadiness) if score > 0}


def test_circumstances_name_what_fails_in_form():
    assert known([probe(None, flags=["completes"]), probe(right, seed=1)])["valid input refused"] == 1
    overwritten = [probe(None, flags=["input_unchanged"]), probe(None, seed=1, flags=["completes"])]
    assert known(overwritten)["in-place overwrite"] == 1
    assert known([probe(None, shape=(1, 3), flags=["result_shape"])])["squeezed dimension"] == 1
    assert "squeezed dimension" not in known([probe(None, shape=(2, 3), flags=["result_shape"])])


def test_circumstances_name_what_fails_in_views_alone():
    views = [probe(doubled, layout=layout) for layout in ("Fortran", "reversed columns", "column stride")]
    plain = [probe(right, seed=k) for k in range(5)]
    assert known(views + plain)["strides"] == pytest.approx(0.8)
    assert "strides" not in known([probe(doubled)])


def test_what_fails_everywhere_is_not_said_to_fail_in_one_place_only():
    everywhere = [probe(doubled, seed=k, shape=(2, C)) for k, C in enumerate((3, 5, 7, 9, 11, 13, 4, 8))]
    assert not {"vector tail", "capacity exceeded", "strides"} & known(everywhere).keys()
    tails = [probe(doubled if C % 4 else right, seed=C, shape=(2, C)) for C in range(3, 21)]
    assert known(tails)["vector tail"] == pytest.approx(0.6)


def test_unsteady_calls_are_told_apart():
    assert known([], steadiness=Steadiness(8, 0, random=8))["random result"] == 1
    assert known([], steadiness=Steadiness(8, 4, state=4))["state between calls"] == 1
    assert known([], steadiness=Steadiness(8, 0, race=6, random=2))["race"] == 0.75
    assert not known([], steadiness=Steadiness(8, 8))


def certified(make):
    subject = Implementation("mine", {"softmax": make()}, ("float32",))
    return certify_one(subject, Plan.of("quick", isolation="none"))


def remembering():
    kept = {}

    def softmax(x):
        if kept.get("shape") != x.shape:
            kept.update(shape=x.shape, answer=SOFTMAX(x))
        return kept["answer"].copy()

    return softmax


def drawing():
    rng = np.random.default_rng(0)
    return lambda x: SOFTMAX(x + rng.normal(size=x.shape).astype(x.dtype))


@pytest.mark.parametrize(("make", "kind"), [(remembering, "state"), (drawing, "random")])
def test_steadiness_is_seen_on_a_subject(make, kind):
    result = certified(make)
    steadiness = result.steadiness["softmax", "float32"]
    assert steadiness.repeated > steadiness.steady
    assert steadiness.share(kind) >= 0.5


def test_a_function_of_its_input_is_steady_and_its_probes_fail_where_it_is_wrong():
    result = certified(lambda: np.errstate(all="ignore")(lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)))
    steadiness = result.steadiness["softmax", "float32"]
    assert steadiness.repeated == steadiness.steady > 0
    key = ("softmax", "float32")
    probes = gather("softmax", result.terms[key], result.ledgers[key])
    failing = [p for p in probes if p.failing]
    assert 0 < len(failing) < len(probes)
    assert all(p.case in result.ledgers[key].wrong for p in failing if p.case in result.ledgers[key].outputs)


def test_nan_where_a_contract_accepts_it_is_no_mistake():
    # The textbook answers a row with +inf by NaN, which the default contract accepts: such a probe tells nothing.
    result = certified(lambda: np.errstate(all="ignore")(lambda x: SOFTMAX(x) * np.float32(1.001)))
    key = ("softmax", "float32")
    probes = gather("softmax", result.terms[key], result.ledgers[key])
    accepted = [p for p in probes if p.got is not None and p.accepted is not None and p.accepted.applies.all()]
    assert accepted
    assert not any(p.failing for p in accepted if np.isnan(p.got).all())


def unshifted_losses(x, labels):
    with np.errstate(all="ignore"):
        e = np.exp(x)
        return -np.log(e[np.arange(len(x)), labels] / e.sum(-1))


@pytest.mark.parametrize("reduction", ["none", "sum"])
def test_a_loss_that_is_not_the_mean_is_compared_with_models_of_the_mean(reduction):
    def loss(x, labels):
        each = unshifted_losses(x, labels)
        return each if reduction == "none" else each.sum(dtype=x.dtype)

    subject = Implementation("mine", {"cross_entropy": loss}, ("float32",), reduction=reduction)
    result = certify_one(subject, Plan.of("quick", isolation="none"))
    diagnose.diagnose(result)
    assert {d.family for d in result.diagnoses.values()} == {"no max shift"}


def test_a_gradient_of_a_sum_is_compared_with_models_of_the_mean():
    def gradient(x, labels):
        return SOFTMAX(x)

    subject = Implementation("mine", {"cross_entropy_grad": gradient}, ("float32",), reduction="sum")
    result = certify_one(subject, Plan.of("quick", isolation="none"))
    diagnose.diagnose(result)
    assert result.diagnoses[result.found[0].id].family == "onehot missing"


def test_a_diagnosis_that_fails_costs_no_finding(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("no likeness")

    monkeypatch.setattr(diagnose, "gather", broken)
    subject = Implementation("mine", {"softmax": lambda x: 2 * SOFTMAX(x)}, ("float32",))
    result = certify_one(subject, Plan.of("quick", isolation="none"))
    diagnose.diagnose(result)
    assert result.found
    assert all(d is diagnose.UNKNOWN for d in result.diagnoses.values())
    seen = result.ledgers["softmax", "float32"].observations
    assert ("no diagnosis", "ZeroDivisionError: no likeness") in seen
