"""The smallest pair of batches: one row in the second, as few as possible in the first."""

from __future__ import annotations

import numpy as np
from tests.harness.building import session_of
from tests.harness.certification.lying_subjects import in_parts

from softcert.cases.case import Case
from softcert.engine.tallies import Violation
from softcert.findings.several_calls import fails_alike
from softcert.findings.shrink_pairs import shrink
from softcert.properties.batches import PROPERTY
from softcert_oracle.levels import Level

BITS = Violation(property_name=PROPERTY, level=Level.SOUND, cause="bits")


def smallest(function, case, **claims):
    session = session_of(function, batch_invariant=True, **claims)
    first = fails_alike(session, case, BITS)
    assert first is not None
    return shrink(first, lambda smaller: fails_alike(session, smaller, BITS))


def pair(m, C, **fields):
    return Case.of("ordinary", m, C, "float32", (("scale", 3.0),), **fields)


def test_a_change_at_16_rows_is_shown_by_16_rows_and_one():
    found = smallest(in_parts, pair(65, 33, state="second batch", second=tuple(range(10))))
    assert (found.case.rows_count, len(found.case.second)) == (16, 1)
    assert found.case.classes < 12
    assert np.count_nonzero(found.inputs.exact.any(axis=1)) == 1, "the other rows are zeros"


def test_a_row_by_itself_becomes_a_pair():
    found = smallest(in_parts, pair(17, 33, state="alone"))
    assert (found.case.state, found.case.rows_count, len(found.case.second)) == ("second batch", 16, 1)


def test_a_batch_too_large_to_write_out_is_cut_by_its_recipe():
    found = smallest(in_parts, pair(64, 1000, state="second batch", second=tuple(range(12))))
    assert found.case.rows_count <= 32
    assert found.check.failed
