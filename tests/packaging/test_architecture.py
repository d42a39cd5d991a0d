"""docs/architecture.md names what exists, and shows the floors that the layer test enforces."""

from __future__ import annotations

import importlib
import re

import pytest
from tests.packaging.imports import ROOT
from tests.packaging.test_layers import FLOORS

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`(softcert\w*(?:\.\w+)+(?::[\w.]+)?)`", PAGE)))


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_the_page_exists(name: str) -> None:
    module, _, attribute = name.partition(":")
    found: object = importlib.import_module(module)
    for part in attribute.split(".") if attribute else ():
        found = getattr(found, part)
    assert found is not None


def test_the_page_names_the_way_of_one_case() -> None:
    assert len(NAMES) > 40


@pytest.mark.parametrize("package", FLOORS)
def test_the_picture_shows_every_floor(package: str) -> None:
    picture = PAGE.split("```text")[1].split("```")[0]
    words = set(re.findall(r"\w+", picture))
    for floor in FLOORS[package]:
        assert floor <= words, f"{package}: {sorted(floor - words)}"
