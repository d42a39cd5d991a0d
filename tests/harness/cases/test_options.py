"""Options in the harness: torch keeps its limits with each of them, every known defect of an option is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from softcert.cases import battery as batteries
from softcert.cases.call import Call, build_call, has_options
from softcert.cases.case import Case
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build
from softcert.cases.option_arrays import RULES
from softcert.cases.option_battery import VARIANTS, bases, claimed
from softcert.engine.caller import Caller
from softcert.engine.session import Session
from softcert.engine.tally import RunTally
from softcert.executors import open_executor
from softcert.expected.reference import ReferenceCache
from softcert.findings.option_text import option_text
from softcert_implementations.gallery import DEFECTS, Defect
from softcert_implementations.implementation import Implementation
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats
from softcert_reports.document.verdicts.units import Unit

QUICK = EFFORTS["quick"]


def cases_of(implementation: Implementation, operation: str, format: str) -> list[Case]:
    """The cases of the quick battery that have options, further arguments or labels out of range."""
    terms = implementation.contract.terms(operation, format)
    found = batteries.battery(operation, format, QUICK, terms, 0)
    return [c for c in found if has_options(operation, c) or c.label_values]


def judged(
    implementation: Implementation,
    operation: str,
    format: str,
    cases: list[Case],
    isolation: str = "none",
    until_failed: bool = False,
) -> RunTally:
    """The tally of these cases."""
    tally, terms = RunTally(operation, format), implementation.contract.terms(operation, format)
    with open_executor(implementation, isolation) as executor:
        session = Session(
            caller=Caller(executor),
            operation=operation,
            terms=terms,
            references=ReferenceCache(),
            partners={operation: terms},
            tally=tally,
        )
        for _ in session.run_battery(cases, lambda done, total: None):
            if until_failed and tally.tallies.failed(Level.STABLE):
                break
    return tally


def violations(tally: RunTally) -> list[Any]:
    """The violations up to level "stable", for the message of an assertion."""
    return [
        (v.property_name, v.cause, v.candidates[0])
        for v in tally.tallies.violations.values()
        if v.level <= Level.STABLE
    ]


# -- one table --------------------------------------------------------------------------------------------------------


def test_every_option_of_the_table_has_cases_and_every_array_has_rules() -> None:
    assert set(VARIANTS) == set(operations.OPTIONS)
    assert set(RULES) == {o.name for o in operations.OPTIONS.values() if o.kind == "array"}


@pytest.mark.parametrize("option", operations.OPTIONS)
def test_an_option_is_exercised_where_it_is_claimed_and_nowhere_else(option: str) -> None:
    for operation in operations.OPERATIONS:
        one = Implementation("one", {operation: len}, options=(option,))
        names = {n for c in cases_of(one, operation, "float32") for n, _ in c.options}
        entry = operations.lookup(operation)
        expected = option in entry.options and (option != "upstream" or entry.derivative_of is not None)
        assert (option in names) == expected or (option == "upstream" and entry.takes_vectors)
        others = names & set(entry.options) - {option}
        assert not others
        plain = Implementation("plain", {operation: len})
        assert not {n for c in cases_of(plain, operation, "float32") for n, _ in c.options} & set(entry.options)


def test_an_option_that_does_not_exist_cannot_be_claimed() -> None:
    with pytest.raises(UsageError, match="weigth"):
        Implementation("typo", {"softmax": len}, options=("weigth",))


def test_claims_that_fit_together_are_tried_together() -> None:
    from softcert_implementations.bundled.torch_options import IMPLEMENTATION

    for operation in operations.CORE:
        terms = IMPLEMENTATION.contract.terms(operation, "float32")
        most = max(len(c.options) for c in cases_of(IMPLEMENTATION, operation, "float32"))
        # targets stand in the place of labels, so ignored labels and targets exclude one another
        assert most >= len(claimed(operation, terms)) - (2 if operation.startswith("cross") else 0)


def test_cases_are_plain_data_and_build_the_same_call_again() -> None:
    from softcert_implementations.bundled.torch_options import IMPLEMENTATION

    for operation in ("cross_entropy_grad", "softmax", "log_softmax_vjp", "linear_cross_entropy"):
        for case in cases_of(IMPLEMENTATION, operation, "float32")[::7]:
            again = Case.from_json(_through_json(case.to_json()))
            assert again == case
            first = build_call(operation, build(case))
            second = build_call(operation, build(again))
            for a, b in zip(_sent(first), _sent(second), strict=True):
                assert bytes(a.data) == bytes(b.data)
                assert (a.shape, a.strides, a.offset, a.format) == (b.shape, b.strides, b.offset, b.format)


def _through_json(data: Any) -> Any:
    import json

    return json.loads(json.dumps(data))


def _sent(call: Call) -> Iterator[Any]:
    yield from call.sent.values()


# -- torch ------------------------------------------------------------------------------------------------------------

_ALL_OF_THEM = pytest.mark.slow(reason="a third of the crossings of the options")
WHOLE = [pytest.param(o, "float32", 3, marks=_ALL_OF_THEM) for o in operations.CORE] + [
    ("cross_entropy", "float64", 9), ("cross_entropy_grad", "float64", 11), ("softmax", "float64", 11),
    ("softmax_vjp", "float32", 11), ("log_softmax_vjp", "float64", 11),
    ("linear_cross_entropy", "float32", 2), ("linear_cross_entropy_grad", "float64", 2),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "format", "every"), WHOLE)
def test_torch_is_stable_with_every_option_alone_and_together(operation: str, format: str, every: int) -> None:
    torch = pytest.importorskip("torch")
    from softcert_implementations.bundled.torch_options import IMPLEMENTATION

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        cases = cases_of(IMPLEMENTATION, operation, format)[::every]
        tally = judged(IMPLEMENTATION, operation, format, cases)
    finally:
        torch.set_num_threads(threads)
    assert violations(tally) == []
    assert Unit(operation=tally.operation, format=tally.format, parts=tally.tallies.counts()).level in (
        "stable",
        "accurate",
        "faithful",
    )
    tried = {name for c in cases for name, _ in c.options}
    terms = IMPLEMENTATION.contract.terms(operation, format)
    assert set(claimed(operation, terms)) <= tried


def test_without_its_contract_torch_is_refused_for_a_target_of_zero_at_minus_infinity() -> None:
    pytest.importorskip("torch")
    from softcert_implementations.bundled import torch_options as subject

    ops = {"cross_entropy": subject.cross_entropy}
    plain = Implementation("plain", ops, ("float32",), arrays="torch", batched=True, options=("targets",))
    tally = judged(plain, "cross_entropy", "float32", cases_of(plain, "cross_entropy", "float32"))
    assert {(v.property_name, v.cause) for v in tally.tallies.violations.values()} >= {("finite", "nan")}


# -- defects ----------------------------------------------------------------------------------------------------------

KNOWN = [d for d in DEFECTS if d.option is not None or d.operation not in operations.CORE]


@pytest.mark.parametrize("defect", KNOWN, ids=lambda d: d.name)
def test_a_defect_of_an_option_is_refused(defect: Defect) -> None:
    format = defect.formats[0]
    subject = defect.implementation(format)
    tally = judged(subject, defect.operation, format, cases_of(subject, defect.operation, format), until_failed=True)
    assert violations(tally), f"{defect.name}: {defect.behaves}"


def test_every_option_of_the_table_has_a_defect_that_is_refused() -> None:
    assert {d.option for d in KNOWN} >= set(operations.OPTIONS)


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True))


def loss_without_bias(X: Any, W: Any, b: Any, labels: Any, *, reduction: str = "mean") -> Any:
    z = X @ W.T
    z = z - z.max(-1, keepdims=True)
    losses = np.log(np.exp(z).sum(-1)) - z[np.arange(len(z)), labels]
    return {"mean": losses.mean(), "sum": losses.sum(), "none": losses}[reduction]


def linear(wrong: str) -> Any:
    def gradients(X: Any, W: Any, b: Any, labels: Any, *, reduction: str = "mean") -> Any:
        g = softmax(X @ W.T + b)
        g[np.arange(len(g)), labels] -= 1
        g = g / X.dtype.type(len(g)) if reduction == "mean" else g
        by_b = g.mean(0) if wrong == "bias averaged" else g.sum(0)
        by_w = (np.abs(g) if wrong == "signs lost" else g).T @ X
        return (g @ W, by_w.T.copy() if wrong == "transposed" else by_w, by_b)

    return gradients


@pytest.mark.parametrize("wrong", ["bias averaged", "signs lost", "transposed"])
def test_a_linear_layer_with_one_wrong_gradient_is_refused(wrong: str) -> None:
    operation = "linear_cross_entropy_grad"
    right = Implementation("right", {operation: linear("")}, ("float32",), options=("reduction",))
    assert violations(judged(right, operation, "float32", cases_of(right, operation, "float32")[::3])) == []
    subject = Implementation(wrong, {operation: linear(wrong)}, ("float32",), options=("reduction",))
    assert violations(judged(subject, operation, "float32", cases_of(subject, operation, "float32"), until_failed=True))


def test_a_linear_layer_without_its_bias_is_refused() -> None:
    subject = Implementation("no bias", {"linear_cross_entropy": loss_without_bias}, ("float32",))
    cases = cases_of(subject, "linear_cross_entropy", "float32")
    assert violations(judged(subject, "linear_cross_entropy", "float32", cases, until_failed=True))


# -- what is special about some options -------------------------------------------------------------------------------


def test_an_out_array_that_is_not_written_to_is_seen() -> None:
    def ignores_out(x: np.ndarray, *, out: Any = None) -> np.ndarray:
        return softmax(x)

    def writes_out(x: np.ndarray, *, out: Any = None) -> np.ndarray:
        if out is None:
            return softmax(x)
        out[...] = softmax(x)
        return np.asarray(out)

    for function, causes in ((ignores_out, {"out"}), (writes_out, set())):
        subject = Implementation("out", {"softmax": function}, ("float32",), options=("out",))
        tally = judged(subject, "softmax", "float32", cases_of(subject, "softmax", "float32"))
        assert {v.cause for v in tally.tallies.violations.values() if v.level == "sound"} == causes


def ignoring(nothing: float) -> Any:
    def loss(x: np.ndarray, labels: np.ndarray, *, ignore_index: int | None = None) -> Any:
        kept = np.ones(len(x), bool) if ignore_index is None else labels != ignore_index
        if not kept.any():
            return x.dtype.type(nothing)
        z = x[kept] - x[kept].max(-1, keepdims=True)
        losses = np.log(np.exp(z).sum(-1)) - z[np.arange(len(z)), labels[kept]]
        return losses.mean(dtype=x.dtype)

    return loss


@pytest.mark.parametrize(
    ("nothing", "policy", "right"),
    [
        (np.nan, None, True), (0.0, None, False), (0.0, "limit", True), (np.nan, "limit", False),
        (0.0, "limit or nan", True),
    ],
)  # fmt: skip
def test_the_mean_of_no_rows_is_what_the_contract_says(nothing: float, policy: str | None, right: bool) -> None:
    claims = {"special_values": {"all rows ignored": policy}} if policy else {}
    subject = Implementation(
        "none left", {"cross_entropy": ignoring(nothing)}, ("float32",), options=("ignore_index",), **claims
    )
    tally = judged(subject, "cross_entropy", "float32", cases_of(subject, "cross_entropy", "float32"))
    assert (violations(tally) == []) == right


def test_options_travel_to_an_isolated_worker() -> None:
    subject = Implementation("isolated", {"cross_entropy": ignoring(np.nan)}, ("float32",), options=("ignore_index",))
    cases = cases_of(subject, "cross_entropy", "float32")[:6]
    apart, here = (judged(subject, "cross_entropy", "float32", cases, how) for how in ("process", "none"))
    assert violations(apart) == []
    assert all(
        np.array_equal(apart.evidence.outputs[c], here.evidence.outputs[c], equal_nan=True)
        for c in cases
        if c in here.evidence.outputs
    )
    assert apart.evidence.outputs.keys() == here.evidence.outputs.keys()
    assert len(apart.evidence.outputs) > 3


def test_a_case_says_its_options_in_words() -> None:
    case = bases(formats.lookup("float32"))["square"].with_(
        options=(("weight", (("hex", ("0x1p-1", "0x1p1")), "C")), ("temperature", 0.5))
    )
    assert option_text(build_call("cross_entropy", build(case))) == "weight=[0.5, 2, 0.5], temperature=0.5"
    assert option_text(build_call("cross_entropy", build(case.with_(options=())))) == ""
    ignoring_one = case.with_(options=(("ignore_index", (255, "last")),), label_values=(0, 1, 2))
    assert option_text(build_call("cross_entropy", build(ignoring_one))) == "labels=[0, 1, 255], ignore_index=255"


def test_a_finding_with_options_is_shown_replayed_and_diagnosed() -> None:
    import softcert

    defect = next(d for d in DEFECTS if d.name == "cross_entropy_grad_ignored_counted")
    subject = defect.implementation("float32")
    certificate = softcert.certify(subject, effort="quick", isolation="none")
    assert certificate.verdict == "not certified"
    finding = next(f for f in certificate.findings if f.property == "accuracy")
    assert "ignore_index=" in finding.summary
    assert finding.diagnosis.defect == defect.name
    again = build(Case.from_json(_through_json(finding.witness.case)))
    assert judged(subject, "cross_entropy_grad", "float32", [again.case]).tallies.violations


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((("wieght", ("random", "C")),), "wieght"), ((("weight", ("heavy", "C")),), "heavy"),
        ((("weight", (("hex", ("?",)), "C")),), "hexadecimal"), ((("ignore_index", (-100, "most")),), "most"),
    ],
)  # fmt: skip
def test_a_recipe_with_options_that_do_not_exist_is_refused(given: tuple[Any, ...], said: str) -> None:
    case = Case.of("ordinary", 2, 3, "float32", options=given)
    with pytest.raises(UsageError, match=said):
        build_call("cross_entropy", build(case))


def test_a_smaller_witness_still_makes_a_call() -> None:
    case = bases(formats.lookup("float32"))["six"].with_(
        options=(("axis", (1, (2, 3))), ("mask", ("random", "Fortran")))
    )
    for rows, classes in ((6, 5), (1, 5), (2, 1), (5, 2)):
        call = build_call("softmax", build(case.with_(rows_count=rows, classes=classes)))
        assert call.arguments["x"].size == rows * classes == call.inputs.exact.size
