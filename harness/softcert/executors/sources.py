"""The source code of a subject, whether it was read in this process or in the worker that resolved the subject."""

from __future__ import annotations

import hashlib
import shlex
from pathlib import Path

from softcert.executors.factory import Remote
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving import source_digest


def digest(implementation: Implementation) -> str:
    """``sha256:...`` over the tokens of the subject's source, as `source_digest.digest` computes it."""
    remote = {name: f for name, f in implementation.ops.items() if isinstance(f, Remote)}
    if not remote:
        return source_digest.digest(implementation)
    known = {name: f.digest or program(str(f.source.target)) for name, f in remote.items()}
    return source_digest.combined(known) if all(known.values()) else ""


def program(spec: str) -> str:
    """The digest of a program (``exec:./program arguments``): its words, and the files that they name.

    A program without a folder in its name (``python``) is looked up by the system and counts by its name. "" for any
    other SPEC, and for files that cannot be read.
    """
    if not spec.startswith("exec:"):
        return ""
    told = hashlib.sha256()
    try:
        for number, word in enumerate(shlex.split(spec.removeprefix("exec:"))):
            file = Path(word)
            searched = number == 0 and file.name == word
            content = file.read_bytes() if not searched and file.is_file() else b""
            told.update(f"{len(word)}:{word}:{len(content)}:".encode("utf-8", "surrogateescape") + content)
    except (OSError, ValueError):
        return ""
    return told.hexdigest()


def home(implementation: Implementation, operation: str) -> str:
    """``module:name`` of the function of an operation; "" where it cannot be imported again."""
    function = implementation.ops[operation]
    return function.home if isinstance(function, Remote) else source_digest.home(function)
