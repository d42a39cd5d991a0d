"""Batches without rows, where a contract promises a result for them."""

from __future__ import annotations

import numpy as np
from tests.harness.building import fault_reply, terms

from softcert.cases.call import build_call
from softcert.cases.claims import empty
from softcert.cases.inputs import build
from softcert.engine.judge import judge
from softcert.executors.protocol import FaultKind
from softcert.expected.reference import ReferenceCache
from softcert_oracle.numbers import formats


def cases(operation="softmax", **claims):
    return list(empty.cases(operation, formats.lookup("float32"), terms(operation, **claims)))


def test_without_the_promise_there_is_no_case():
    assert cases() == []


def test_with_the_promise_no_case_has_a_row():
    made = cases("cross_entropy", empty_batch="result", label_dtypes=["int8", "int64"])
    assert {c.rows_count for c in made} == {0}
    assert {"int8", "int64"} <= {c.label_dtype for c in made}
    assert np.all([build(c).exact.size == 0 for c in made])


def test_an_error_fails_only_under_the_promise():
    call = build_call("softmax", build(cases(empty_batch="result")[0]))
    for kind in (FaultKind.EXCEPTION, FaultKind.UNAVAILABLE):
        for promise in ("any", "result"):
            judged = judge(call, terms(empty_batch=promise), fault_reply(kind), ReferenceCache())
            assert any(c.failed for c in judged.checks) == (promise == "result")
