"""The fenced examples of a Markdown page, and how they are run: as a reader would, in an empty folder.

A block whose first line is a comment with a file's name (``# mine.py``) is that file. ``python`` blocks are scripts.
``sh`` blocks are commands that must succeed. ``console`` blocks are commands after ``$ `` with what they print:
``...`` stands for anything, on a line of its own for any lines. ``console measured`` leaves numbers out of the
comparison, since they may differ with a machine's exp.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_FENCE = re.compile(r"^(`{3,})([^\n`]*)\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_FILE = re.compile(r"^(?:#|//) ([\w./-]*\.\w+)$")
_NUMBER = re.compile(
    r"-[0-9a-f]{6}\b"  # the end of a finding's id
    r"|[-+]?(?:0x[0-9a-f.]+p[-+]?\d+|\d(?:[\d.,]*\d)?(?:e[-+]?\d+)?)"
    r"|(?<= )-(?= |$)"  # a table's cell without a number
)
_SET_UP = re.compile(r"^(?:PIP_\w+=\S+ )?python -m (?:pip|tox|venv)\b|^chromium |.*\bnpm install\b")
"""Commands that set up machines, or take another program: other tests hold them against tox.ini and the files."""


@dataclass(frozen=True)
class Block:
    """One fenced example: the page, the section that it stands in, language, further words, text, line."""

    page: Path
    section: str
    language: str
    words: tuple[str, ...]
    text: str
    line: int

    @property
    def file(self) -> str | None:
        """The name of the file that the block is, if it is one."""
        match = _FILE.match(self.text.split("\n", 1)[0])
        return match[1] if match else None

    @property
    def where(self) -> str:
        """Page and line, for messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    def commands(self) -> list[tuple[str, str]]:
        """Commands with what they are shown to print ("" for ``sh`` blocks)."""
        if self.language == "sh":
            joined = self.text.replace("\\\n", " ")
            return [(line, "") for line in joined.splitlines() if line.strip() and not line.startswith("#")]
        found: list[tuple[str, str]] = []
        for part in re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            found.append((command, shown))
        return found


def blocks(page: Path) -> list[Block]:
    """The examples of a page, in its order."""
    text = page.read_text(encoding="utf-8")
    headings = [(m.start(), m[1]) for m in _HEADING.finditer(text)]
    found = []
    for m in _FENCE.finditer(text):
        language, *words = m[2].split() or [""]
        section = next((name for start, name in reversed(headings) if start < m.start()), "start")
        found.append(Block(page, section, language, tuple(words), m[3], text.count("\n", 0, m.start()) + 1))
    return found


def sections() -> Iterator[tuple[Path, str]]:
    """Pages and sections that hold something to be run."""
    for page in PAGES:
        for section in dict.fromkeys(b.section for b in blocks(page) if is_run(b)):
            yield page, section


def is_run(block: Block) -> bool:
    """Whether anything in a block can be run here."""
    if block.file:
        return False
    commands = block.commands() if block.language in ("sh", "console") else []
    return block.language == "python" or any(not is_set_up(command) for command, _ in commands)


def write_files(page: Path, folder: Path) -> None:
    """Every file that a page shows."""
    for block in blocks(page):
        if block.file:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")


def environment(**extra: str) -> dict[str, str]:
    """The environment of a reader: the commands of this Python first, no CI, plain output."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    quiet = {"CI": "", "GITHUB_ACTIONS": "", "GITLAB_CI": "", "NO_COLOR": "1", "COLUMNS": "120"}
    return {**os.environ, **quiet, "PATH": path, **extra}


def shell(commands: list[str], folder: Path, **extra: str) -> list[tuple[str, int]]:
    """Run commands one after the other in one shell; what each printed, and its exit code."""
    mark = "@@softcert@@"
    lines = ["code=0"]
    for command in commands:
        lines += [f"echo {mark}", "(exit $code)", command, "code=$?", f'echo "{mark}$code"']
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)], cwd=folder, env=environment(**extra), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, encoding="utf-8", timeout=500, check=False,
    )  # fmt: skip
    parts = re.findall(rf"^{mark}\n(.*?){mark}(\d+)\n", done.stdout, re.DOTALL | re.MULTILINE)
    assert len(parts) == len(commands), done.stdout
    return [(text, int(code)) for text, code in parts]


def matches(shown: str, got: str, measured: bool) -> bool:
    """Whether an output is the one that is shown."""
    wanted, given = (_plain(text, measured) for text in (shown, got))
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + "\n" for line in wanted
    )
    return re.fullmatch(pattern, "".join(line + "\n" for line in given)) is not None


def _plain(text: str, measured: bool) -> list[str]:
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    if not measured:
        return lines
    kept = [line if line == "..." else _NUMBER.sub("#", line) for line in lines]
    return [line if line == "..." else re.sub(r"[ -]*#", "#", re.sub(r"-{5,}", "-----", line)) for line in kept]


def is_set_up(command: str) -> bool:
    """Whether a command sets up a machine rather than shows softcert."""
    return bool(_SET_UP.match(command))
