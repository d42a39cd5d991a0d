"""What a contract leaves: cases of the default domain, limits in factors, and whether it proves anything."""

from __future__ import annotations

import re

import numpy as np
import pytest

from softcert import Implementation, certify
from softcert.cases.effort import EFFORTS
from softcert.cases.layouts import LAYOUTS
from softcert.certification.certify import certify_until_failed
from softcert.certification.contract_effect import contract_effect
from softcert.certification.plan import Plan
from softcert.expected import degenerate
from softcert.expected.reference import ReferenceCache
from softcert_implementations import contract_values
from softcert_implementations.contract import Contract
from softcert_oracle import limits, operations
from softcert_oracle.levels import Level
from softcert_oracle.limits import LimitParameters
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth


def effect(operation="softmax", format="float32", level=Level.STABLE, **claims):
    return contract_effect(operation, Contract(claims).terms(operation, format), EFFORTS["quick"], level, 0)


@pytest.mark.parametrize("format", formats.FORMATS)
def test_the_default_contract_excuses_nothing_and_proves_something_at_every_level(format):
    """A few small cases refute every degenerate output, in every format and operation."""
    for operation in operations.OPERATIONS if format == "float32" else operations.CORE:
        for level in (Level.SOUND, Level.STABLE, Level.FAITHFUL):
            found = effect(operation, format, level)
            assert not found.excuses, (operation, level, found)
            assert found.admitted == found.cases > 0


@pytest.mark.parametrize("format", formats.FORMATS)
def test_the_default_battery_refutes_every_degenerate_output(format):
    """That is why nothing is computed for a contract that leaves domain and limits as they are."""
    references = ReferenceCache()
    for operation in operations.CORE:
        contract = Contract({}).terms(operation, format)
        cases = sorted(references.cases.battery(operation, format, EFFORTS["quick"], contract, 0), key=lambda c: c.size)
        for level in Level:
            admitted = map(references.cases.inputs, cases)
            assert degenerate.unrefuted(operation, admitted, contract, references, level) == (), (operation, level)


@pytest.mark.parametrize(
    "claims", [{}, {"options": ("weight",)}, {"special_values": "nan"}, {"label_dtypes": ["int32"]}]
)
def test_a_contract_that_excuses_nothing_needs_no_exact_result(claims, monkeypatch):
    """Neither inputs nor references are made."""
    references = ReferenceCache()
    for maker in ("of", "rows"):
        monkeypatch.setattr(references, maker, None)
    monkeypatch.setattr(references.cases, "inputs", None)
    contract = Contract(claims).terms("cross_entropy", "float32")
    found = contract_effect("cross_entropy", contract, EFFORTS["quick"], Level.STABLE, 0, references)
    assert not found.excuses
    assert found.cases == effect("cross_entropy").cases


@pytest.mark.parametrize(
    ("claims", "unrefuted"),
    [
        ({"max_classes": 1}, {"softmax": "the uniform distribution", "logsumexp": "the largest logit"}),
        ({"max_classes": 1}, {"log_softmax": "zeros", "cross_entropy": "zeros", "cross_entropy_grad": "zeros"}),
        ({"max_rows": 0}, dict.fromkeys(operations.CORE, "zeros")),
        ({"max_abs_logit": 0}, dict.fromkeys(operations.CORE, "uniform")),
    ],
)
def test_a_domain_in_which_a_degenerate_answer_is_right_proves_nothing(claims, unrefuted):
    """One class, no rows, equal logits: some output that looks at nothing is right on every admitted case."""
    for operation, name in unrefuted.items():
        assert any(name in output for output in effect(operation, **claims).unrefuted), operation


@pytest.mark.parametrize("claims", [{"max_classes": 2}, {"max_rows": 1}, {"max_abs_logit": 1}, {"min_classes": 4096}])
def test_a_small_domain_that_holds_telling_cases_proves_what_it_says(claims):
    """A narrow domain is no fault, and its share is told."""
    for operation in operations.CORE:
        found = effect(operation, **claims)
        assert found.unrefuted == ()
        assert 0 < found.admitted < found.cases


def test_limits_so_wide_that_zeros_pass_everywhere_prove_nothing():
    """In 8 bits a sum of eight terms may be off by everything."""
    claims = {"working_precision": "float8_e5m2", "min_classes": 8, "max_classes": 64, "max_rows": 4, "layouts": ["C"]}
    assert "zeros" in effect("softmax", "float8_e5m2", **claims).unrefuted


def test_factors_are_the_limits_of_the_oracle_divided():
    """The largest ratio on the reference rows, by level; a tighter claim is no excuse."""
    found = effect(exp_ulp=40.0)
    x = np.linspace(0, 16, 10, dtype=np.float32)[None, :]
    rows = truth.rows(x)
    wide, usual = (
        limits.limit("softmax", "stable", rows, None, LimitParameters(format="float32", exp_ulp=k)).numbers.to_float()
        for k in (40.0, 4.0)
    )
    assert found.factors[Level.STABLE] == pytest.approx(np.max(wide / usual), rel=0.02)
    assert found.admitted == found.cases
    assert effect(exp_ulp=1.0).factors == {}
    assert effect(reduction="sum", operation="cross_entropy").factors == {}  # another loss, no wider limit


def test_the_share_counts_cases_by_size_logits_and_layout():
    """Cases are those of the default battery, whatever options the contract claims."""
    assert effect(layouts=["C"]).admitted < effect(layouts=LAYOUTS).admitted == effect().cases
    assert effect(max_abs_logit=50).admitted < effect().cases
    assert effect(options=("out",)).cases == effect().cases


def test_the_layouts_of_a_contract_are_those_of_the_cases():
    """The contract knows their names, since implementations do not import the harness."""
    assert tuple(map(str, LAYOUTS)) == contract_values.LAYOUTS


def ones(x):
    return np.ones_like(x)


def test_ones_for_one_class_are_inconclusive_and_the_reason_names_what_would_pass():
    """The whole way: no level is held, the exit code is 3, and what the contract leaves stands in every summary."""
    subject = Implementation("ones", {"softmax": ones}, ("float32",), batched=True, max_classes=1)
    certificate = certify(subject, effort="quick", isolation="none")
    document = certificate.document
    assert (certificate.verdict, certificate.level, document.exit_code) == ("inconclusive", None, 3)
    assert "the uniform distribution or a constant would pass as softmax in float32" in document.subjects[0].reason
    told = r"contract: \d\.\d % of the default domain; nothing is proven of softmax"
    assert re.search(told, certificate.summary())


def test_a_run_that_ends_at_the_first_finding_proves_nothing_either():
    """The power of the suite is measured with this run: it must not count such a subject as green."""
    subject = Implementation("ones", {"softmax": ones}, ("float32",), batched=True, max_classes=1)
    result = certify_until_failed(subject, Plan.of("quick", isolation="none"))
    assert result.verdict == "inconclusive"
