"""The documentation as a site: it builds without a warning, can be searched, and shows the public names."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from tests.docs import fences

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The site, built strictly: a link, an anchor or a page of the menu that does not exist ends the build."""
    pytest.importorskip("mkdocs")
    pytest.importorskip("mkdocstrings")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=fences.ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_there_and_the_search_knows_it(site):
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = {entry["location"].partition("#")[0] for entry in index["docs"]}
    pages = {page.with_suffix(".html").name for page in fences.PAGES[1:]}
    assert pages <= found
    assert all((site / page).exists() for page in pages)


def test_every_public_name_has_its_docstring(site):
    page = (site / "api" / "softcert.html").read_text(encoding="utf-8")
    for name in import_module("softcert").__all__:
        value = getattr(import_module("softcert"), name)
        assert f'id="{value.__module__}.{value.__qualname__}"' in page
    assert "Parameters" in page
    assert "Raises" in page


def test_nothing_is_loaded_from_elsewhere(site):
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|iframe|source)[^>]* src="(\w+:[^"]+)"', text)
        loaded += re.findall(r'<link[^>]* rel="(?:stylesheet|preconnect|icon)"[^>]* href="(\w+:[^"]+)"', text)
        assert not loaded, f"{page.name}: {loaded}"


def test_fences_with_words_for_the_tests_are_blocks_of_code(site):
    text = html.unescape((site / "findings.html").read_text(encoding="utf-8"))
    assert "console measured" not in text
    assert "```" not in text


def test_what_lies_outside_of_the_folder_is_a_part_of_the_site(site):
    assert (site / "repository" / "index.html").exists()
    assert (site / "repository" / "constraints.txt").read_bytes() == (fences.ROOT / "constraints.txt").read_bytes()
    assert "plain_function.py" in (site / "repository" / "examples" / "index.html").read_text(encoding="utf-8")
