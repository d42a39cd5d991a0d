"""The kinds of fields: floats keep their bits, numbers are numbers, plain data stay plain."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.document.codec import decode, encode
from softcert_reports.document.fields import Plain


def test_no_float_stands_in_a_file_as_decimal_text(document: d.Document) -> None:
    def refuse(text: str) -> float:
        raise AssertionError(f"decimal float {text}")

    json.loads(d.dumps(document), parse_float=refuse, parse_constant=refuse)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0, 5e-324, 0.1])
def test_every_float_comes_back_with_its_bits(value: float) -> None:
    document = replace(sample.empty(), timings={"total": value}, environment={"parameters": {"scale": value}})
    back = d.loads(d.dumps(document))
    for got in (back.timings["total"], back.environment["parameters"]["scale"]):
        assert float.hex(got) == float.hex(value)


@pytest.mark.parametrize("value", [math.nan, -1.0, -math.inf])
def test_a_size_is_no_nan_and_not_below_0(value: float) -> None:
    """NaN is above no limit: as the error that a baseline accepts it would excuse everything."""
    entry = d.BaselineEntry(
        subject="s", operation="softmax", format="float32", property="p", reason="r", largest_error=value
    )
    with pytest.raises(d.DocumentError, match=r"document\.largest_error is .*; expected a number of at least 0"):
        encode(entry, d.BaselineEntry)


def test_a_count_is_not_below_0() -> None:
    """Negative counts would cancel others in a sum."""
    with pytest.raises(d.DocumentError, match=r"document\.checks is -1; expected a whole number of at least 0"):
        encode(replace(d.Counts(), checks=-1), d.Counts)


def test_numpy_numbers_are_taken_as_numbers() -> None:
    cell = d.Cell(
        subject="s",
        operation="softmax",
        format="float32",
        property="p",
        outcome="pass",
        checks=np.int64(3),
        worst_ratio=np.float32(0.5),
    )  # type: ignore[arg-type]
    back = decode(encode(cell, d.Cell), d.Cell)
    assert (back.checks, back.worst_ratio) == (3, 0.5)


def test_plain_data_come_back_frozen_and_with_their_floats() -> None:
    plain = {"text": "0x1p+0", "numbers": [1, 0.5, True, None], "nested": {"inf": math.inf}}
    written = encode(plain, Plain)
    assert written == {
        "text": "0x1p+0",
        "numbers": [1, {"float": "0x1.0000000000000p-1"}, True, None],
        "nested": {"inf": {"float": "inf"}},
    }
    assert decode(written, Plain) == {**plain, "numbers": (1, 0.5, True, None)}


def test_keys_of_plain_data_are_text() -> None:
    with pytest.raises(d.DocumentError, match=r"document\.a, a key, is 2; expected text"):
        encode({"a": {2: 3}}, Plain)


def test_a_mapping_of_any_kind_is_taken() -> None:
    cell = d.Cell(
        subject="s",
        operation="softmax",
        format="float32",
        property="p",
        outcome="pass",
        worst_case=MappingProxyType({"nested": MappingProxyType({"seed": 1})}),
    )
    assert encode(cell, d.Cell)["worst_case"] == {"nested": {"seed": 1}}


def test_a_record_takes_no_unknown_field_and_checks_its_parts_again() -> None:
    with pytest.raises(d.DocumentError, match="unknown field 'colour'"):
        decode({"decimal": "1", "colour": "red"}, d.Number)
    wrong = d.Witness(got=d.Number(decimal=1))  # type: ignore[arg-type]
    with pytest.raises(d.DocumentError, match=r"document\.got\.decimal is 1; expected text"):
        encode(wrong, d.Witness)


@pytest.mark.parametrize("value", [True, 1.5, "1", None])
def test_an_integer_is_an_integer(value: object) -> None:
    with pytest.raises(d.DocumentError, match="expected an integer"):
        encode(replace(d.Counts(), checks=value), d.Counts)  # type: ignore[arg-type]
