"""What does not fit is named by its path, in one sentence, when a file is read and before one is written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.document.codec import decode


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
