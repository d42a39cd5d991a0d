"""What makes a model like a subject, on probes that are built here; and what is known without any model."""

from __future__ import annotations

import numpy as np
import pytest

from softcert.cases import inputs as case_inputs
from softcert.cases.call import build_call
from softcert.cases.case import Case
from softcert.certification.certify import certify_one
from softcert.certification.plan import Plan
from softcert.diagnosis import diagnose, symptoms
from softcert.diagnosis.candidates import CandidateDefect
from softcert.diagnosis.probes import Probe, gather
from softcert.diagnosis.similarity import Sheet, silently
from softcert.diagnosis.suspects import Suspects
from softcert.engine.repeatability import Repeatability
from softcert.expected.reference import ReferenceCache
from softcert.results.document import DiagnosedResult, build
from softcert_implementations.bundled import numpy_shifted
from softcert_implementations.implementation import Implementation

SOFTMAX = numpy_shifted.IMPLEMENTATION.ops["softmax"]


def probe(got, *, seed=0, flags=(), shape=(2, 3), layout="C"):
    """A case with the exact softmax, an output made of it by ``got`` (None: no output), and a limit of 1e-6."""
    case = Case.of("ordinary", *shape, "float32", seed=seed, layout=layout)
    inputs = case_inputs.build(case)
    e = np.exp(inputs.exact - inputs.exact.max(-1, keepdims=True))
    exact = e / e.sum(-1, keepdims=True)
    return Probe(
        call=build_call("softmax", inputs),
        exact=exact,
        limit=np.full(exact.shape, 1e-6),
        got=None if got is None else got(exact),
        failed_properties=frozenset(flags),
    )


def candidate(function):
    return CandidateDefect(
        name="a model", family="wrong function", operation="softmax", fresh=lambda: function, behaves="does something"
    )


def alike(function, probes):
    """How similar a model's function is to the subject of the probes."""
    suspects = Suspects([candidate(function)])
    with silently():
        suspects.examine(Sheet(probes))
    return float(suspects.similarities()[0])


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
    assert alike(lambda x: SOFTMAX(x) * np.float32(2), probes) == 1
    assert alike(lambda x: SOFTMAX(x) * np.float32(0), probes) < 0.5
    assert alike(SOFTMAX, probes) == 0


def test_a_mistake_where_the_subject_is_right_counts_against_a_model():
    probes = [probe(doubled), *(probe(right, seed=k) for k in range(1, 4))]
    assert alike(lambda x: SOFTMAX(x) * np.float32(2), probes) == 0.25


def test_an_infinity_is_not_near_a_number():
    probes = [probe(doubled)]
    assert alike(lambda x: SOFTMAX(x) + np.float32(np.inf), probes) == 0


def test_two_floors_are_the_same_mistake_where_the_outputs_are_one_number_each():
    probes = [probe(lambda p: np.full_like(p, 2), seed=k) for k in range(4)]
    assert alike(lambda x: np.full_like(x, 10), probes) == 0.9
    assert alike(lambda x: np.full_like(x, 10), probes[:2]) < 0.9
    assert alike(lambda x: np.linspace(3, 30, x.size, dtype=x.dtype).reshape(x.shape), probes) < 0.9


def test_each_model_of_many_is_rated_as_it_is_alone():
    probes = [probe(doubled, seed=k, shape=(2, 3 + k)) for k in range(5)] + [probe(right, seed=9)]
    functions = [lambda x, f=f: SOFTMAX(x) * np.float32(f) for f in (0, 1, 1.5, 2, np.inf)]
    together = Suspects([candidate(f) for f in functions])
    with silently():
        for part in (probes[:2], probes[2:]):
            together.examine(Sheet(part))
    assert np.allclose(together.similarities(), [alike(f, probes) for f in functions], rtol=1e-12)


def test_only_suspects_that_can_still_be_similar_are_kept_and_outputs_of_large_probes_are_not():
    """Thousands of models meet probes of a hundred thousand numbers."""
    probes = [probe(doubled, seed=1), probe(doubled, seed=2, shape=(3, 4000))]
    suspects = Suspects([candidate(lambda x, f=f: SOFTMAX(x) * np.float32(f)) for f in (2, -1, 2)])
    with silently():
        suspects.examine(Sheet(probes[:1]), least=0.6, ahead=1)
        assert len(suspects) == 2
        suspects.examine(Sheet(probes[1:]), least=0.6)
    assert suspects.similarities().tolist() == [1.0, 1.0]
    assert sum(part.ratings.outputs.nbytes for part in suspects._parts) < 1000


def known(probes, findings=(), repeatability=None):
    scored = symptoms.candidates("softmax", probes, findings, repeatability)
    return {c.family: score for score, c in scored if score > 0}


def test_symptoms_name_what_fails_in_form():
    assert known([probe(None, flags=["completes"]), probe(right, seed=1)])["valid input refused"] == 1
    overwritten = [probe(None, flags=["input_unchanged"]), probe(None, seed=1, flags=["completes"])]
    assert known(overwritten)["in-place overwrite"] == 1
    assert known([probe(None, shape=(1, 3), flags=["result_shape"])])["squeezed dimension"] == 1
    assert "squeezed dimension" not in known([probe(None, shape=(2, 3), flags=["result_shape"])])


def test_symptoms_name_what_fails_in_views_alone():
    views = [probe(doubled, layout=layout) for layout in ("Fortran", "reversed columns", "column stride")]
    plain = [probe(right, seed=k) for k in range(5)]
    assert known(views + plain)["strides"] == pytest.approx(0.8)
    assert "strides" not in known([probe(doubled)])


def test_what_fails_everywhere_is_not_said_to_fail_in_one_place_only():
    everywhere = [probe(doubled, seed=k, shape=(2, C)) for k, C in enumerate((3, 5, 7, 9, 11, 13, 4, 8))]
    assert not {"vector tail", "capacity exceeded", "strides"} & known(everywhere).keys()
    tails = [probe(doubled if C % 4 else right, seed=C, shape=(2, C)) for C in range(3, 21)]
    assert known(tails)["vector tail"] == pytest.approx(0.6)


def test_calls_that_differ_are_told_apart():
    assert known([], repeatability=Repeatability(repeated=8, random=8))["random result"] == 1
    assert known([], repeatability=Repeatability(repeated=8, same=4, state=4))["state between calls"] == 1
    assert known([], repeatability=Repeatability(repeated=8, race=6, random=2))["race"] == 0.75
    assert not known([], repeatability=Repeatability(repeated=8, same=8))


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
def test_nondeterminism_is_classified_on_a_subject(make, kind):
    repeatability = certified(make).unit("softmax", "float32").repeatability
    assert repeatability.differing > 0
    assert repeatability.share(kind) >= 0.5


def test_a_function_of_its_input_repeats_and_its_probes_fail_where_it_is_wrong():
    result = certified(lambda: np.errstate(all="ignore")(lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)))
    unit = result.unit("softmax", "float32")
    assert unit.repeatability.repeated == unit.repeatability.same > 0
    probes = gather(unit, ReferenceCache())
    failing = [p for p in probes if p.failing]
    assert 0 < len(failing) < len(probes)
    evidence = unit.tally.evidence
    assert all(p.case in evidence.failing_cases for p in failing if p.case in evidence.outputs)


def test_nan_where_a_contract_accepts_it_is_no_mistake():
    # The textbook answers a row with +inf by NaN, which the default contract accepts: such a probe tells nothing.
    result = certified(lambda: np.errstate(all="ignore")(lambda x: SOFTMAX(x) * np.float32(1.001)))
    probes = gather(result.unit("softmax", "float32"), ReferenceCache())
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
    diagnoses = diagnose.diagnose(result)
    assert {d.family for d in diagnoses.by_finding.values()} == {"no max shift"}


def test_a_gradient_of_a_sum_is_compared_with_models_of_the_mean():
    def gradient(x, labels):
        return SOFTMAX(x)

    subject = Implementation("mine", {"cross_entropy_grad": gradient}, ("float32",), reduction="sum")
    result = certify_one(subject, Plan.of("quick", isolation="none"))
    diagnoses = diagnose.diagnose(result)
    assert diagnoses.by_finding[result.findings[0].id].family == "onehot missing"


def test_a_diagnosis_that_fails_costs_no_finding(monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("no likeness")

    monkeypatch.setattr(diagnose, "gather", broken)
    subject = Implementation("mine", {"softmax": lambda x: 2 * SOFTMAX(x)}, ("float32",))
    result = certify_one(subject, Plan.of("quick", isolation="none"))
    diagnoses = diagnose.diagnose(result)
    assert result.findings
    assert all(d is diagnose.UNKNOWN for d in diagnoses.by_finding.values())
    assert diagnoses.failures == {("softmax", "float32"): "ZeroDivisionError: no likeness"}
    document = build([DiagnosedResult(result, diagnoses)], result.plan, title="t", command="c")
    assert ("no diagnosis", "ZeroDivisionError: no likeness") in {(o.kind, o.text) for o in document.observations}
