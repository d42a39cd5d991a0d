"""Machine code that is kept between runs: one small file for a set of kernels and a kind of processor."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A kept file: a digest of what it holds, then machine code.

    Attributes
    ----------
    name
        Of the file, without its ending.
    made_from
        The digest of the sources: a file that was made from others is not read.
    beside
        The folder of the package; its ``__pycache__`` holds the file where it can be written.
    """

    name: str
    made_from: str
    beside: Path

    def read(self) -> bytes | None:
        """The machine code; None where there is none, or what there is was damaged or made from other sources."""
        for folder in self._folders():
            with contextlib.suppress(OSError):
                kept = (folder / f"{self.name}.o").read_bytes()
                if kept[:32] == self._digest(kept[32:]):
                    return kept[32:]
        return None

    def write(self, image: bytes) -> None:
        """Keep the machine code in the first folder that can be written; nowhere, if there is none."""
        for folder in self._folders():
            with contextlib.suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
                handle, path = tempfile.mkstemp(dir=folder, prefix=self.name, suffix=".new")
                with os.fdopen(handle, "wb") as file:
                    file.write(self._digest(image) + image)
                os.replace(path, folder / f"{self.name}.o")  # whole or not at all, whoever else writes it
                return

    def _digest(self, image: bytes) -> bytes:
        return hashlib.sha256(self.made_from.encode() + image).digest()

    def _folders(self) -> Iterator[Path]:
        """Numba's folder if it is named, else beside the sources, else the user's."""
        if named := os.environ.get("NUMBA_CACHE_DIR"):
            yield Path(named)
            return
        yield self.beside / "__pycache__"
        if sys.platform == "win32":
            yield Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "softcert"
        elif sys.platform == "darwin":
            yield Path.home() / "Library" / "Caches" / "softcert"
        else:
            yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "softcert"
