"""The contract: defaults, the most specific key, TOML, and what it refuses."""

import math
from pathlib import Path

import numpy as np
import pytest

from softcert_implementations.contract import FIELDS, Contract
from softcert_implementations.contract_values import SPECIAL_ROWS
from softcert_implementations.implementation import Implementation
from softcert_oracle import limits
from softcert_oracle.errors import UsageError
from softcert_oracle.reference import truth

COUNTS = ("min_classes", "max_classes", "classes_multiple_of", "max_rows")
ULPS = ("exp_ulp", "log_ulp", "div_ulp")
FLAGS = ("repeatable", "batch_invariant", "flush_subnormals", "saturates")
FORMAT_FIELDS = ("working_precision", "sum_format", "saved_format", "result_format")
WRONG_NUMBERS = (math.nan, -1.0, "8", True, [8], -math.inf, math.inf, 10**400)


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
        *((({name: value}), "whole number") for name in COUNTS for value in (-1, True, 2.0, "8", [8], math.nan)),
        *((({name: 2**70}), "whole number") for name in COUNTS),
        *((({name: value}), "finite number") for name in ("max_abs_logit",) for value in WRONG_NUMBERS),
        *((({name: value}), "positive number of ulp") for name in ULPS for value in (*WRONG_NUMBERS[:-2], 0, None)),
        *((({name: value}), "True or False") for name in FLAGS for value in (1, 0.0, "yes", None, [])),
        *(
            (({name: value}), "name of a format")
            for name in FORMAT_FIELDS
            for value in (3, True, ["float32"], math.nan)
        ),
        *((({"summation": value}), "depth of at least 1") for value in (True, 1.0, -1, 2**31, 10**5000, [], None)),
        *((({"device": value}), "device=") for value in ("toaster", "", "cuda:", "cuda:-1", 3, None, ["cpu"], "cpu\n")),
        ({"label_dtypes": ()}, "leaves nothing to call with"),
        ({"label_dtypes": ["float32"]}, "unknown contract value of label_dtypes"),
        ({"label_dtypes": [["int64"]]}, "unknown contract value of label_dtypes"),
        ({"label_dtypes": 3}, "give a list of names"),
        ({"layouts": []}, "leaves nothing to call with"),
        ({"layouts": ["diagonal"]}, "unknown contract value of layouts"),
        ({"layouts": True}, "give a list of names"),
        ({"options": ["weights"]}, "Did you mean 'weight'?"),
        ({"options": None}, "give a list of names"),
        ({"options": [1.5]}, "unknown option"),
        ({"invalid_labels": ["nan"]}, "unknown contract value of invalid_labels"),
        ({"special_values": 3}, "unknown policy"),
        ({"special_values": {"softmax": {"one +infinity": "nan"}}}, "unknown row of special values"),
        ({"special_values": {"all -inf": 3}}, "unknown policy"),
        ({"reduction": 10**5000}, "unknown reduction"),
        ({"algorithm": ["any"]}, "unknown algorithm"),
        ({"exp_ulp": {1: 2}}, "unknown key"),
        ({"exp_ulp": {"softmax": {"float32": 1}}}, "positive number of ulp"),
        ({"min_classes": 9, "max_classes": 8}, "the contract's domain is empty"),
        ({"min_classes": 5, "max_classes": 7, "classes_multiple_of": 8}, "the contract's domain is empty"),
        ({"max_classes": 0}, "the contract's domain is empty"),
        ([("exp_ulp", 1)], "give a mapping of fields"),
        (None, "give a mapping of fields"),
    ],
)
def test_what_a_field_does_not_accept_is_refused_at_once(given, words):
    """Impossible values and wrong types are wrong use for every field: one sentence, before anything runs."""
    with pytest.raises(UsageError) as raised:
        Contract(given)
    assert words in str(raised.value)
    assert len(str(raised.value)) < 600


@pytest.mark.parametrize(
    ("given", "formats", "words"),
    [
        *(({name: 2.0**20}, ("float32", "float64"), "give at most 8192 ulp") for name in ULPS),
        *(({name: 8193}, ("float32",), "OpenCL's half_exp") for name in ULPS),
        *(({name: 5, "working_precision": "bfloat16"}, ("bfloat16",), "give at most 4 ulp") for name in ULPS),
        *(({name: "float16"}, ("float64",), "at least 32 bits") for name in ("working_precision", "saved_format")),
        *(({name: "float8_e5m2"}, ("float32",), "at least 16 bits") for name in FORMAT_FIELDS[:3]),
        ({"sum_format": "bfloat16"}, ("float64",), "at least 32 bits"),
        ({"working_precision": "float8_e5m2"}, ("bfloat16",), "at least 16 bits"),
    ],
)
def test_what_no_hardware_is_as_loose_as_is_refused_with_the_bound(given, formats, words):
    """A limit that no honest function needs lets a wrong one pass: the claim is refused, with the bound and why."""
    with pytest.raises(UsageError, match=words):
        Implementation("loose", {"softmax": len}, formats, **given)


@pytest.mark.parametrize(
    ("given", "formats"),
    [
        ({"exp_ulp": 2.7}, ("float32",)),  # ex2.approx.ftz.f32: 2^-22.5
        ({"exp_ulp": 124, "div_ulp": 2}, ("float32",)),  # __expf and __fdividef
        ({"exp_ulp": 8192, "log_ulp": 8192, "div_ulp": 8192}, ("float32",)),  # half_exp and its like
        ({"exp_ulp": 1.1, "working_precision": "float16"}, ("float16",)),  # ex2.approx.ftz.f16
        ({"working_precision": "bfloat16"}, ("float32", "float16")),
        ({"working_precision": "float32"}, ("float64",)),
        ({"working_precision": "float8_e4m3fn"}, ("float8_e4m3fn",)),  # NumPy code on arrays of ml_dtypes
        ({"saved_format": "float8_e4m3fn"}, ("bfloat16",)),
        ({"result_format": "float8_e4m3fn"}, ("float32",)),  # a quantised softmax
    ],
)
def test_what_hardware_and_libraries_do_can_be_claimed(given, formats):
    """Approximate instructions and narrower formats that devices do compute in are no misuse."""
    terms = Implementation("fast", {"softmax": len}, formats, **given).contract.terms("softmax", formats[0])
    assert all(getattr(terms, name) == value for name, value in given.items())


def test_every_claimed_format_is_checked_before_anything_runs():
    """A value that float32 accepts and a claimed format does not is refused where the subject is made."""
    Contract({"working_precision": "float16"})
    with pytest.raises(UsageError, match="the contract of softmax in float64: working_precision='float16'"):
        Implementation("mine", {"softmax": len}, ("float32", "float64"), working_precision="float16")
    with pytest.raises(UsageError, match="whole number"):
        Implementation("mine", {"softmax": len}, ("float16",), max_rows={"softmax/float16": 1.5})


def test_an_option_may_be_empty_and_a_bound_may_be_none():
    """No options, no bounds and every layout are the defaults, and may be written out."""
    terms = Contract({"options": [], "max_classes": None, "max_rows": None, "layouts": None}).terms(
        "softmax", "float32"
    )
    assert (terms.options, terms.max_classes, terms.max_rows, terms.layouts) == ((), None, None, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("= 1", "is not TOML"),
        ("exp_ulp = nan", "positive number of ulp"),
        (f"max_rows = {'9' * 5000}", "is not TOML"),
        ("tool = 3", r"no table \[tool\]"),
        ("[tool]\nsoftcert = 3", r"no table \[tool.softcert\]"),
        ("[tool.other]\nexp_ulp = 1", r"no table \[tool.softcert\]"),
        ("contract = 3", "contract=3 is no table"),
        ("[tool.softcert]\ncontract = [1]", r"tool.softcert.contract=\[1\] is no table"),
        ("[[contract]]\nexp_ulp = 1", "is no table"),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path, text, words):
    """A file that is no contract is wrong use, whatever is wrong with it."""
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


def test_the_documentation_has_every_special_row():
    page = (Path(__file__).parents[2] / "docs/contract.md").read_text(encoding="utf-8")
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
