"""Fields keep their bits, and one of the wrong kind is named by its path before anything is written."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
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
    cell = d.Cell(
        subject="s",
        operation="softmax",
        format="float32",
        property="p",
        outcome="pass",
        worst_ratio=value,
        worst_case={"parameters": {"scale": value}},
    )
    back = d.loads(d.dumps(replace(sample.empty(), cells=(cell,)))).cells[0]
    assert back.worst_ratio is not None
    assert back.worst_case is not None
    for got in (back.worst_ratio, back.worst_case["parameters"]["scale"]):
        assert float.hex(got) == float.hex(value)


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
    back = d.loads(d.dumps(replace(sample.empty(), cells=(cell,)))).cells[0]
    assert (back.checks, back.worst_ratio) == (3, 0.5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"outcome": "green"}, "cells[0].outcome is 'green'; expected one of 'pass'"),
        ({"checks": 1.5}, "cells[0].checks is 1.5; expected an integer"),
        ({"checks": True}, "cells[0].checks is True"),
        ({"worst_ratio": "1"}, "cells[0].worst_ratio is '1'; expected a number"),
        ({"subject": 3}, "cells[0].subject is 3; expected text"),
        ({"subject": "\ud800"}, "lone surrogate"),
        ({"worst_case": {"array": np.zeros(2)}}, "plain data"),
        ({"worst_case": {"parameters": {"float": 1}}}, "single key 'float'"),
        ({"findings": "abc"}, "expected a list"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named_before_anything_is_written(
    change: dict[str, object], words: str, tmp_path: Path
) -> None:
    cell = replace(d.Cell(subject="s", operation="softmax", format="float32", property="p", outcome="pass"), **change)  # type: ignore[arg-type]
    with pytest.raises(d.DocumentError) as caught:
        d.save(replace(sample.empty(), cells=(cell,)), tmp_path / "results.json")
    assert words in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def _read(change: dict[str, object]) -> d.Document:
    """The empty document with one cell that is changed in its file, without regard to the digest."""
    cell = d.Cell(subject="s", operation="softmax", format="float32", property="p", outcome="pass")
    data = json.loads(d.dumps(replace(sample.empty(), cells=(cell,))))
    data["cells"][0] |= change
    document: d.Document = decode(data, d.Document)
    return document


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"checks": True}, "document.cells[0].checks is True; expected an integer."),
        ({"findings": {}}, "document.cells[0].findings is {}; expected a list"),
        ({"worst_case": []}, "document.cells[0].worst_case is []; expected an object."),
        ({"worst_ratio": 0.5}, "document.cells[0].worst_ratio is 0.5; expected a hexadecimal float"),
        ({"worst_ratio": "0x1p+9999"}, "document.cells[0].worst_ratio is '0x1p+9999'; expected a float64."),
        ({"level": "green"}, "document.cells[0].level is 'green'; expected one of 'sound', 'stable', 'accurate' or"),
        ({"worst_case": {"a": [1, {"b": 0.5}]}}, "document.cells[0].worst_case.a[1].b is 0.5; expected an integer, or"),
        ({"worst_case": {"a": {"float": "half"}}}, "document.cells[0].worst_case.a.float is 'half'; expected a hexa"),
        ({"reason": ["\ud800"]}, "document.cells[0].reason[0] holds a lone surrogate"),
        ({"\ud800": 1}, "document.cells[0] holds a lone surrogate"),
        ({"colour": 1}, "document.cells[0] has the unknown field 'colour'."),
        ({"subject": "x" * 100 + "y"} | {"checks": "x" * 99}, f"document.cells[0].checks is '{'x' * 79}…; expected"),
    ],
)
def test_a_misfit_in_a_file_is_named_by_its_path(change: dict[str, object], words: str) -> None:
    with pytest.raises(d.DocumentError) as caught:
        _read(change)
    assert words in str(caught.value)


def test_a_missing_field_is_named_with_the_record_that_lacks_it() -> None:
    with pytest.raises(d.DocumentError, match=r"^document\.subjects\[0\] lacks the field 'verdict'\.$"):
        decode({"title": "", "created": "", "subjects": [{"name": "s"}]}, d.Document)


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
