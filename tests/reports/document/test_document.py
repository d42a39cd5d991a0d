"""The results document: round trip, canonical bytes, schema, and one sentence for every way a file can be bad."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.document import schema

DOCUMENTS = {"sample": sample.sample, "hostile": sample.hostile, "empty": sample.empty}


@pytest.fixture(scope="module", params=list(DOCUMENTS))
def document(request: pytest.FixtureRequest) -> d.Document:
    return DOCUMENTS[request.param]()


def test_a_document_survives_its_file_bit_for_bit(document: d.Document, tmp_path: Path) -> None:
    saved = d.save(document, tmp_path / "results.json")
    loaded = d.load(tmp_path / "results.json")
    assert d.dumps(loaded) == d.dumps(saved) == (tmp_path / "results.json").read_text("utf-8")
    assert repr(loaded) == repr(d.canonical(document))  # repr tells NaN, -0.0 and every bit of a float


def test_the_schema_accepts_what_is_written_and_is_itself_valid(document: d.Document) -> None:
    jsonschema.Draft202012Validator.check_schema(schema.shipped())
    jsonschema.Draft202012Validator(schema.shipped()).validate(json.loads(d.dumps(document)))


def test_the_schema_refuses_what_no_document_holds() -> None:
    data = json.loads(d.dumps(sample.sample()))
    data["cells"][0]["outcome"] = "green"
    data["cells"][1]["worst_ratio"] = 0.5
    data["surprise"] = 1
    errors = list(jsonschema.Draft202012Validator(schema.shipped()).iter_errors(data))
    assert len(errors) == 3


def test_the_shipped_schema_is_derived_from_the_dataclasses() -> None:
    assert schema.shipped() == schema.derive()


def test_no_float_stands_in_a_file_as_decimal_text(document: d.Document) -> None:
    def refuse(text: str) -> float:
        raise AssertionError(f"decimal float {text}")

    json.loads(d.dumps(document), parse_float=refuse, parse_constant=refuse)


def test_times_do_not_enter_the_digest_and_everything_else_does() -> None:
    base = sample.sample()
    slow = replace(
        base,
        created="2030-01-01T00:00:00Z",
        timings={"total": 9e9},
        speed=(),
        subjects=tuple(replace(s, seconds_in_subject=99.0) for s in base.subjects),
        power=replace(base.power, seconds=1.0) if base.power else None,
    )
    assert d.digest(slow) == d.digest(base)
    assert d.digest(replace(base, seed=1)) != d.digest(base)
    cell = replace(base.cells[0], checks=base.cells[0].checks + 1)
    assert d.digest(replace(base, cells=(cell, *base.cells[1:]))) != d.digest(base)


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


def _tampered(text: str) -> str:
    return text.replace('"verdict": "not certified"', '"verdict": "certified"', 1)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda t: t[: len(t) // 2], "cut short"),
        (lambda t: "", "cut short"),
        (_tampered, "was changed after it was written"),
        (lambda t: t.replace('"schema": 1,', '"schema": 2,'), "schema version 2; this softcert reads version 1"),
        (lambda t: "[1, 2]", "no softcert results document"),
        (lambda t: '{"kind": "softcert-results", "schema": 1}', "lacks the field 'title'"),
        (lambda t: t.replace('"seed": 0', '"seed": NaN'), "NaN is not JSON"),
        (lambda t: t.replace('"seed": 0', '"seed": "0"'), "document.seed is '0'"),
        (lambda t: t.replace('"seed": 0', '"sead": 0'), "unknown field 'sead'"),
        (lambda t: t.replace('"limit": "0x', '"limit": "1x', 1), "hexadecimal float"),
        (lambda t: "[" * 200_000, "cut short"),
        (lambda t: t.replace('"seed": 0', '"seed": ' + "9" * 5000), "not JSON"),
    ],
)
def test_a_spoiled_file_gives_one_sentence(spoil: object, words: str, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    text = d.dumps(sample.sample())
    spoiled = spoil(text)  # type: ignore[operator]
    assert spoiled != text
    path.write_text(spoiled, "utf-8")
    with pytest.raises(d.DocumentError) as caught:
        d.load(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_a_directory_and_binary_rubbish_give_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "rubbish").write_bytes(b"\xff\xfe\x00")
    for name, words in (("absent.json", "cannot be read"), ("", "cannot be read"), ("rubbish", "not even UTF-8")):
        with pytest.raises(d.DocumentError, match=words):
            d.load(tmp_path / name)


def test_a_failed_write_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.json"
    d.save(sample.empty(), path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(d.DocumentError, match="No space left"):
        d.save(sample.sample(), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["results.json"]


def test_a_file_in_the_place_of_a_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(d.DocumentError, match="cannot be written"):
        d.save(sample.empty(), tmp_path / "file" / "results.json")
