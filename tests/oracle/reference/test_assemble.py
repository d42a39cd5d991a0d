"""From probabilities and log s to everything else about a row: each enclosure holds its value and stays narrow."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_oracle.crosscheck.agreement import agree
from softcert_oracle.mp import definition
from softcert_oracle.numbers.enclosure import Decision, Enclosure
from softcert_oracle.numbers.row_enclosures import RowEnclosures
from softcert_oracle.reference import arb
from softcert_oracle.reference.assemble import assemble, fill, log_probabilities, log_probability, put

INF = np.inf
X = np.array([[0.0, 1.0, -3.0], [5.0, -INF, 4.75], [-700.0, 20.0, -1e6], [1e300, -1e300, 0.0]])


@pytest.fixture
def made() -> RowEnclosures:
    """The rows of X, assembled from Arb's probabilities and logarithms."""
    rows = arb.enclose(X)
    argmax = np.argmax(X, axis=1)
    log_sum = rows.log_softmax[np.arange(len(X)), argmax].negated()
    return assemble(
        x=X,
        argmax=argmax,
        softmax=rows.softmax,
        top_complement=rows.complement[np.arange(len(X)), argmax],
        log_sum=log_sum,
        logsumexp=rows.logsumexp,
        s=rows.s,
        tau=rows.tau,
    )


def test_every_log_probability_holds_its_value_narrowly(made: RowEnclosures) -> None:
    answers = agree(made.log_softmax, definition.evaluate("log_softmax", X, bits=4096))
    assert (answers[:-2] == Decision.YES).all()
    assert (answers[-2:] != Decision.NO).all()  # the other witness does not see on which side of -2e300 they lie
    narrow = made.log_softmax.relative_radius() < 2.0**-96
    assert np.argwhere(~narrow).tolist() == [[3, 0]]  # about -e^-1e300: only an interval from 0 is left
    assert made.log_softmax.hi[1, 1] == -INF


def test_complements_add_up_to_one_with_their_probabilities(made: RowEnclosures) -> None:
    total = made.softmax.to_float() + made.complement.to_float()
    assert np.allclose(total, 1.0, rtol=1e-15)
    assert made.complement.to_float()[0, 1] == pytest.approx(1 / (1 + np.e / (1 + np.exp(-3.0))), rel=1e-14)


def test_the_complement_of_the_largest_is_the_one_that_was_given(made: RowEnclosures) -> None:
    assert made.complement.to_float()[2, 1] == pytest.approx(0.0, abs=1e-300)
    assert made.complement.to_float()[2, 1] > 0  # 1 - p from p would be exactly 0


def test_log_s_as_a_float_is_that_of_the_enclosure(made: RowEnclosures) -> None:
    assert np.allclose(made.L, np.log(made.s), rtol=1e-14)


def test_differences_of_logits_are_exact_before_log_s_is_subtracted() -> None:
    one = Enclosure.exactly(np.log(2.0))
    e = log_probability(np.array(2.0**60), np.array(2.0**60 + 256), one)
    assert (e.to_float() + np.log(2.0)).item() == -256.0
    wide = log_probability(np.array(-1.7e308), np.array(1.7e308), one)
    assert wide.exponent > 0  # -3.4e308 does not fit into a float64
    assert np.ldexp(wide.hi, int(wide.exponent) - 1) == -1.7e308


def test_entries_of_minus_infinity_stay() -> None:
    x = np.array([[-INF, 3.0]])
    e = log_probabilities(x, np.array([1]), Enclosure.exactly([0.0]))
    assert e.hi.tolist() == [[-INF, 0.0]]
    assert e.radius.tolist() == [[0.0, 0.0]]


def test_putting_and_filling_leave_the_original_alone() -> None:
    e = Enclosure(hi=np.full(3, 0.5), lo=np.full(3, 1e-20), exponent=np.full(3, 7), radius=np.full(3, 1e-30))
    changed = put(e, (np.array([1]),), Enclosure.exactly([4.0]))
    assert changed.to_float().tolist() == [64.0, 4.0, 64.0]
    assert changed.radius.tolist() == [1e-30, 0.0, 1e-30]
    filled = fill(e, np.array([True, False, False]), np.nan)
    assert np.isnan(filled.hi[0])
    assert (filled.lo[0], filled.exponent[0], filled.radius[0]) == (0.0, 0, 0.0)
    assert e.to_float().tolist() == [64.0] * 3
    assert fill(e, np.zeros(3, bool), 1.0) is e
