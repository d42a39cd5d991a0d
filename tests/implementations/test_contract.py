"""The contract: defaults, the most specific key, TOML, and what it refuses."""

import numpy as np
import pytest

from softcert_implementations.contract import FIELDS, Contract
from softcert_oracle import limits
from softcert_oracle.errors import UsageError
from softcert_oracle.reference import truth


def test_defaults_follow_the_format():
    plain = Contract()
    assert plain.terms("softmax", "float32").working_precision == "float32"
    assert plain.terms("softmax", "float64").working_precision == "float64"
    half = plain.terms("softmax", "bfloat16")
    assert (half.working_precision, half.sum_format, half.saved_format) == ("float32", "float32", "float32")
    assert half.result_format == "bfloat16"


def test_the_most_specific_key_wins():
    given = Contract(
        {"exp_ulp": {"default": 1, "float16": 2, "softmax": 3, "softmax/float16": 4, "float64/logsumexp": 5}}
    )
    wanted = {
        ("softmax", "float16"): 4,
        ("softmax", "float32"): 3,
        ("logsumexp", "float16"): 2,
        ("logsumexp", "float64"): 5,
        ("logsumexp", "float32"): 1,
    }
    assert {k: given.terms(*k).exp_ulp for k in wanted} == wanted


def test_a_mapping_of_special_rows_is_one_value():
    terms = Contract({"special_values": {"all -inf": "nan"}}).terms("softmax", "float32")
    assert dict(terms.special_values) == {"default": "limit or nan", "all -inf": "nan"}


def test_deviations_name_what_differs_and_nothing_else():
    given = Contract({"exp_ulp": 4.0, "reduction": "sum", "sum_format": {"float16": "float16"}})
    assert given.deviations() == {"reduction": "sum", "sum_format": {"float16": "float16"}}


@pytest.mark.parametrize("head", ["", "[contract]\n", "[tool.softcert.contract]\n", "[tool.softcert]\n"])
def test_toml_is_read_at_top_level_and_in_sections(tmp_path, head):
    path = tmp_path / "contract.toml"
    path.write_text(f'{head}reduction = "sum"\n')
    assert Contract.from_toml(path).terms("cross_entropy", "float32").reduction == "sum"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"exp_ulps": 1}, "unknown contract field: contract field='exp_ulps'. Did you mean 'exp_ulp'?"),
        ({"reduction": "avg"}, "Accepted: mean, sum, none"),
        ({"exp_ulp": -1}, "give a positive number of ulp"),
        ({"exp_ulp": {"sotfmax": 1}}, "Did you mean 'softmax'?"),
        ({"summation": 0}, "'pairwise' or a depth of at least 1"),
        ({"algorithm": "magic"}, "unknown algorithm"),
        ({"working_precision": "float80"}, "unknown format"),
        ({"special_values": "whatever"}, "unknown policy"),
        ({"min_classes": 0}, "whole number of at least 1"),
    ],
)
def test_what_a_field_does_not_accept_is_refused_at_once(given, words):
    with pytest.raises(UsageError) as raised:
        Contract(given)
    assert words in str(raised.value)


@pytest.mark.parametrize(("text", "words"), [(None, "cannot be read"), ("= 1", "is not TOML")])
def test_a_broken_file_is_one_sentence(tmp_path, text, words):
    path = tmp_path / "contract.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=words):
        Contract.from_toml(path)


def test_later_fields_win_over_earlier_ones():
    both = Contract({"reduction": "sum", "exp_ulp": 2}).updated({"reduction": "none"})
    assert dict(both.given) == {"reduction": "none", "exp_ulp": 2}
    assert set(both.given) <= set(FIELDS)


@pytest.mark.parametrize("algorithm", limits.ALGORITHMS)
def test_every_algorithm_of_the_limits_can_be_claimed_and_judged(algorithm):
    terms = Contract({"algorithm": algorithm}).terms("softmax", "float32")
    assert terms.algorithm == terms.limit_parameters.algorithm == algorithm
    rows = truth.rows(np.array([[0.0, 1.0, -3.0]], np.float32))
    limit = limits.limit("softmax", "stable", rows, None, terms.limit_parameters).numbers.to_float()
    assert np.all(limit > 0)
    assert np.all(limit < 1e-4)
