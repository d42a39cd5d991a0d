"""What was really run: spans of sizes, regimes, crossings."""

from __future__ import annotations

from tests.harness.building import call_of, exact_of, judged

from softcert.cases.case import Case
from softcert.engine.domain_run import DomainRun


def test_spans_widen_with_every_output():
    domain = DomainRun()
    assert domain.classes is None
    for rows in ([[1.0, -9.0]], [[0.0] * 5] * 3):
        call = call_of("softmax", rows)
        domain.record_output(judged(call, exact_of(call)))
    assert (domain.classes, domain.rows, domain.largest_logit, domain.elements) == ((2, 5), (1, 3), 9.0, 17)


def test_planned_cases_count_by_regime_and_crossing():
    domain = DomainRun()
    domain.record_planned(Case.of("ties", 3, 3, "float32", layout="Fortran"))
    assert domain.regimes == {"ties": 1}
    assert domain.coverage["layout x shape", "Fortran x rows = classes"] == 1
