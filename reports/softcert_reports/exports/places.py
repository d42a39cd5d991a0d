"""Where in the sources a finding belongs: the file of its subject, and the line of the function."""

from __future__ import annotations

import re

from softcert_reports.document import Subject
from softcert_reports.formatting.sanitise import directed


def place(subject: Subject | None, operation: str) -> tuple[str, int]:
    """The file of a subject, relative to where it was run, and the line of an operation's function.

    Parameters
    ----------
    subject
        The implementation; None for one that the document lacks.
    operation
        The operation's name.

    Returns
    -------
    tuple[str, int]
        "" for a subject without a file; line 1 for a function that was not found.
    """
    if subject is None:
        return "", 1
    return directed(subject.file) or source_path(subject.spec), max(1, subject.lines.get(operation, 1))


def source_path(spec: str) -> str:
    """The file that a SPEC names, relative to where it was run; "" where it names none.

    Read from ``path/file.py``, ``path/file.py:attribute``, ``package.module:attribute`` (by the usual layout) and
    ``exec:./program``.

    Examples
    --------
    >>> source_path("kernels.py"), source_path("lib/mine.py:f"), source_path("lib.mine:f"), source_path("torch")
    ('kernels.py', 'lib/mine.py', 'lib/mine.py', '')
    """
    program = spec.startswith("exec:")
    target = spec[5:].partition(" ")[0] if program else spec if spec.endswith(".py") else spec.rpartition(":")[0]
    if not program and target and not target.endswith(".py") and "/" not in target:
        target = target.replace(".", "/") + ".py"
    path = target.replace("\\", "/").removeprefix("./")
    outside = path.startswith("/") or re.match("[A-Za-z]:", path) or ".." in path.split("/")
    return "" if outside else directed(path)
