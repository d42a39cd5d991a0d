"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from softcert_reports.document.errors import DocumentError


def write_whole(path: str | Path, text: str) -> None:
    """Write a text file whole or not at all: a temporary file beside it, flushed to disk, then renamed."""
    target = Path(path)
    temporary = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:60]}.", dir=target.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except OSError as error:
        raise DocumentError(f"{path} cannot be written: {error.strerror or error}.") from None
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def _umask() -> int:
    """The process's umask, which can only be read by setting it (mkstemp makes files private)."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
