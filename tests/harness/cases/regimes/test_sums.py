"""Rows of few or exact terms, batches of unequal losses, and special values in any regime."""

from __future__ import annotations

import numpy as np
import pytest

from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.cases.regimes.special_values import WAYS
from softcert_oracle.errors import UsageError


def logits(regime, m, C, format="float32", **parameters):
    return build(Case.of(regime, m, C, format, tuple(parameters.items()))).exact


@pytest.mark.parametrize("format", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize("beside", ["-inf", "far"])
def test_sparse_rows_have_few_terms_and_all_others_add_exactly_nothing(format, beside):
    x = logits("sparse rows", 3, 5000, format, kept=16, beside=beside)
    working = np.float64 if format == "float64" else np.float32
    terms = np.exp((x - x.max(axis=1, keepdims=True)).astype(working))
    assert ((terms != 0).sum(axis=1) == 16).all()


def test_exact_sums_by_halves_are_complements_with_class_0_in_both():
    x = logits("exact sums", 4, 1000, by="halves")
    assert set(np.unique(x)) == {-np.inf, 0.0}
    assert (x[:, 0] == 0).all()
    assert ((x[0::2, 1:] == 0) != (x[1::2, 1:] == 0)).all()


def test_exact_sums_by_bits_tell_every_class():
    x = logits("exact sums", 10, 1000, by="bits", beside="far")
    assert set(np.unique(x)) == {-200.0, 0.0}
    codes = (x[:, 1:] == 0).T @ (1 << np.arange(10))
    assert codes.tolist() == list(range(1, 1000))


def test_edges_hold_the_ends_and_both_sides_of_powers_of_two():
    x = logits("sparse rows", 1, 1000, kept="edges")
    there = set(np.flatnonzero(np.isfinite(x[0])).tolist())
    assert {0, 999, 499, 500, 127, 128, 511, 512} <= there
    assert len(there) < 64


def test_about_a_hundred_classes_share_a_row():
    x = logits("one percent", 1, 5000)
    assert 90 <= (x == 0).sum() <= 110


def test_concentrated_rows_have_their_mass_in_300_classes():
    x = logits("concentrated", 1, 50000)
    p = np.sort(np.exp(x[0]))[::-1]
    assert p[300:].sum() < 1e-7 * p.sum()


@pytest.mark.parametrize("format", ["float32", "float64", "float16"])
def test_losses_are_exactly_0_but_in_the_row_that_is_named(format):
    x = logits("unequal losses", 9, 3, format, losses="one", at=4)
    rest = np.log(np.exp(x - x[:, :1]).sum(axis=1))
    assert np.flatnonzero(rest).tolist() == [4]


def test_losses_are_distinct_powers_of_two():
    x = logits("unequal losses", 40, 2, "float64", losses="powers")
    each = np.sort(np.log1p(np.exp(x[:, 1] - x[:, 0])))[::-1]
    assert np.allclose(each[:24], np.exp2(np.arange(6.0, -18.0, -1)))
    assert (each[24:] == 0).all()


def test_every_row_has_its_part_among_the_batches_whose_losses_are_one_power_of_two():
    for part in range(3):
        x = logits("unequal losses", 100, 4, losses="part", at=part, of=3)
        gaps = x[:, 1] - x[:, 0]
        assert set(gaps.tolist()) == {128.0, -200.0}
        assert np.flatnonzero(gaps > 0).tolist() == list(range(part, 100, 3))


def test_parts_of_the_classes_share_them():
    ones = np.concatenate([logits("exact sums", 1, 1000, by="part", at=k, of=4) for k in range(4)]) == 0
    assert ones[:, 0].all()
    assert (ones[:, 1:].sum(axis=0) == 1).all()
    assert (logits("exact sums", 2, 50, by="part") == 0).all()


@pytest.mark.parametrize("way", WAYS)
def test_special_values_go_into_any_regime(way):
    x = logits("ties", 5, 20, value=1.5, special=way)
    assert (way == "none") == bool(np.isfinite(x).all())
    if "in a row" in way:
        assert np.flatnonzero(~np.isfinite(x).all(axis=1)).tolist() == [2]
    assert (x == 1.5).any(axis=1).all()


def test_an_unknown_way_is_wrong_use():
    with pytest.raises(UsageError, match="way of special values"):
        logits("ties", 1, 2, special="everywhere")
