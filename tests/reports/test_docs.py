"""The documentation of the document: its example runs, and its figures are those of the code."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_example_of_the_schema_page_runs() -> None:
    result = doctest.testfile(str(DOCS / "schema.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert result.attempted >= 4
    assert result.failed == 0


def test_every_output_that_the_page_names_exists() -> None:
    named = re.findall(r"`(\w+\.\w+)\.(\w+)\(", (DOCS / "report.md").read_text("utf-8"))
    assert len(named) >= 12
    for module, function in named:
        assert callable(getattr(importlib.import_module(f"softcert_reports.{module}"), function))
