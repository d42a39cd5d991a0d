"""Which change of a contract claims less, field by field."""

from __future__ import annotations

from typing import Any

import pytest

from softcert_implementations.contract import _DEFAULTS
from softcert_oracle.numbers import formats
from softcert_reports.document.differences import contracts
from softcert_reports.document.differences.contracts import loosened

LOOSER: list[tuple[str, Any, Any]] = [
    ("exp_ulp", 2.0, 8.0),
    ("exp_ulp", 4.0, float("nan")),
    ("max_classes", None, 8),
    ("max_classes", 100, 8),
    ("min_classes", 1, 4),
    ("max_abs_logit", None, 0.0),
    ("repeatable", True, False),
    ("flush_subnormals", False, True),
    ("working_precision", "float32", "float16"),
    ("working_precision", "", "bfloat16"),
    ("options", ("axis", "mask"), ("axis",)),
    ("layouts", None, ("C",)),
    ("special_values", "limit", "limit or nan"),
    ("invalid_labels", "refuse", "untested"),
    ("summation", "pairwise", "any"),
    ("exp_ulp", {"softmax": 1.0, "default": 4.0}, {"softmax": 1.0, "softmax/float16": 2.0, "default": 4.0}),
    ("exp_ulp", {"default": 4.0}, {"float16": 64.0}),
]


@pytest.mark.parametrize(("field", "strict", "loose"), LOOSER)
def test_a_looser_value_is_told_and_the_way_back_is_not(field: str, strict: Any, loose: Any) -> None:
    assert [name for name, _, _ in loosened({field: strict}, {field: loose})] == [field]
    if loose == loose:  # from NaN there is no way back that could be told
        assert not list(loosened({field: loose}, {field: strict}))


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [("reduction", "mean", "sum"), ("algorithm", "any", "online"), ("of another version", 1, 2)],
)
def test_a_change_without_an_order_counts_as_looser_both_ways(field: str, one: Any, other: Any) -> None:
    assert list(loosened({field: one}, {field: other}))
    assert list(loosened({field: other}, {field: one}))


def test_the_device_says_nothing_of_the_claims() -> None:
    assert not list(loosened({}, {"device": "cuda"}))


def test_a_field_that_is_given_its_default_is_no_change() -> None:
    assert not list(loosened({}, {"exp_ulp": 4.0, "options": ()}))


def test_the_defaults_are_those_of_the_contract() -> None:
    """Reports import nothing of ours, so the defaults are written down a second time."""
    mine = {name: default for name, (default, _) in contracts.FIELDS.items()} | dict(contracts.SETS)
    assert mine == {name: _DEFAULTS[name] for name in mine}
    assert {name: _DEFAULTS[name] for name in ("invalid_labels", "summation")} == {
        name: contracts.WEAKEST[name] for name in ("invalid_labels", "summation")
    }
    assert dict(_DEFAULTS["special_values"]) == {"default": contracts.WEAKEST["special_values"]}
    assert {name: f.precision for name, f in formats.FORMATS.items()} == dict(contracts._PRECISION)
