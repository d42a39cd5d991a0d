"""The contract: defaults, the most specific key, TOML, and what it refuses."""

import re
from pathlib import Path

import numpy as np
import pytest

from softcert_implementations.contract import FIELDS, SPECIAL_ROWS, Contract
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


def test_the_documentation_has_every_field_algorithm_and_special_row():
    page = (Path(__file__).parents[2] / "docs/plugging-in.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.partition("## The contract")[2].splitlines() if line.startswith("| `")]
    fields = [name for row in rows for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(fields) == sorted(FIELDS)
    (algorithms,) = (row[2] for row in rows if row[0] == "| `algorithm`")
    assert {f'"{name}"' for name in limits.ALGORITHMS} - {'"any"'} == set(re.findall(r'"[^"]+"', algorithms))
    assert all(f'"{row}"' in page for row in SPECIAL_ROWS)


def test_the_part_that_limits_depend_on_is_shared_by_contracts_that_differ_elsewhere():
    plain = Contract().terms("softmax", "float16")
    other = Contract({"max_classes": 4, "special_values": "nan", "device": "cuda"}).terms("softmax", "float16")
    assert plain.limit_parameters == other.limit_parameters == limits.LimitParameters(format="float16")
    assert hash(plain.limit_parameters) == hash(other.limit_parameters)
    assert Contract({"exp_ulp": 1}).terms("softmax", "float16").limit_parameters != plain.limit_parameters


def test_a_format_that_is_claimed_is_a_deviation_even_where_it_is_the_default():
    assert Contract({"working_precision": "float32", "sum_format": ""}).deviations() == {"working_precision": "float32"}


def test_shorter_forms_stand_for_the_full_ones():
    terms = Contract({"label_dtypes": "int32", "options": ["weight"], "special_values": "nan"}).terms(
        "softmax", "float32"
    )
    assert (terms.label_dtypes, terms.options, terms.layouts) == (("int32",), ("weight",), None)
    assert dict(terms.special_values) == {"default": "nan"}
    assert Contract({"label_dtypes": "int64", "special_values": "limit or nan"}).deviations() == {}
