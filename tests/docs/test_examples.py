"""Every example of README and docs does what the page says, in an empty folder."""

from __future__ import annotations

import ast
import configparser
import doctest
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.docs import fences

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the pages speak to a POSIX shell")


def _section(page: Path, section: str) -> object:
    texts = [b.text for b in fences.blocks(page) if b.section == section and not b.file]
    runs = sum(text.count("softcert certify ") + text.count("certify(") for text in texts)
    marks = [pytest.mark.slow] if runs > 1 or section == "The report" else []  # a run takes some seconds
    return pytest.param(page, section, id=f"{page.name}: {section}", marks=marks)


@pytest.mark.parametrize(("page", "section"), [_section(*s) for s in fences.sections()])
def test_the_examples_of_a_section_do_what_it_says(page, section, tmp_path):
    fences.write_files(page, tmp_path)
    for block in fences.blocks(page):
        if block.section != section or block.file:
            continue
        if block.language == "python":
            run_script(block, tmp_path)
        elif block.language in ("sh", "console"):
            run_commands(block, tmp_path)


def run_script(block: fences.Block, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block.text], cwd=folder, env=fences.environment(), capture_output=True,
        text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{block.where}\n{done.stdout}{done.stderr}"
    assert "assert " in block.text or done.stdout, f"{block.where} shows nothing and asserts nothing"


def run_commands(block: fences.Block, folder: Path) -> None:
    commands = [(c, shown) for c, shown in block.commands() if not fences.is_set_up(c)]
    outcomes = fences.shell([c for c, _ in commands], folder)
    for (command, shown), (got, code) in zip(commands, outcomes, strict=True):
        assert "Traceback" not in got, f"{block.where}: {command}\n{got}"
        if block.language == "sh":
            assert code == 0, f"{block.where}: {command}\n{got}"
        else:
            assert fences.matches(shown, got, "measured" in block.words), f"{block.where}: {command}\n{got}"


PARSERS = {
    "python": ast.parse,
    "json": json.loads,
    "toml": tomllib.loads,
    "ini": lambda text: configparser.ConfigParser().read_string(text),
}


SESSIONS = [b for page in fences.PAGES for b in fences.blocks(page) if b.language == "pycon"]


@pytest.mark.parametrize("block", SESSIONS, ids=lambda b: b.where)
def test_every_session_prints_what_it_shows(block):
    test = doctest.DocTestParser().get_doctest(block.text, {}, block.where, block.where, 0)
    told: list[str] = []
    outcome = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=told.append)
    assert outcome.attempted
    assert not outcome.failed, "".join(told)


def _data() -> list[object]:
    found = [b for page in fences.PAGES for b in fences.blocks(page) if b.language in PARSERS]
    return [pytest.param(b, id=b.where) for b in found]


@pytest.mark.parametrize("block", _data())
def test_every_example_of_code_or_data_can_be_read(block):
    PARSERS[block.language](block.text)


@pytest.mark.parametrize("page", fences.PAGES, ids=lambda p: p.name)
def test_no_example_is_left_out_for_its_language(page):
    known = {"python", "pycon", "sh", "console", "json", "toml", "ini", "yaml", "c", "text"}
    for block in fences.blocks(page):
        assert block.language in known or block.language == "", f"{block.where}: {block.language!r} is not run"
        assert block.language != "console" or block.commands(), f"{block.where} shows no command"


def test_what_is_shown_is_compared():
    assert fences.matches("a\n...\nb 1\n", "a\nx\ny\nb 1\n", measured=False)
    assert not fences.matches("a\n...\nb 1\n", "a\nx\ny\nb 2\n", measured=False)
    assert fences.matches("b 1.5\n", "b 2\n", measured=True)
    assert not fences.matches("b 1.5 nan\n", "b 2 inf\n", measured=True)
    assert not fences.matches("a\n", "a\nb\n", measured=False)
