"""A set of kernels: where its code lies, whether that is the code of today's sources, and its functions."""

from __future__ import annotations

import ctypes
import hashlib
import lzma
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from softcert_oracle.native import cache, machine

Function = Callable[[int], int]
"""A kernel: takes the address of its arguments, an array of int64; returns a count."""

_PROTOTYPE = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
"""Numba's convention: where the result goes, where an exception would go (never used), the argument."""

_MAKERS = tuple(Path(__file__).with_name(name) for name in ("build.py", "machine.py", "pointers.py"))


@dataclass(frozen=True, eq=False, kw_only=True)
class Code:
    """Kernels that are compiled together.

    Attributes
    ----------
    name
        Of the shipped file and of the cached one.
    folder
        Where the shipped file lies.
    builder
        The module that defines the kernels in `KERNELS`, by symbol; only building imports it.
    symbols
        The kernels' names.
    sources
        Folders and files that the kernels are written in.
    """

    name: str
    folder: Path
    builder: str
    symbols: tuple[str, ...]
    sources: tuple[Path, ...]

    @property
    def shipped(self) -> Path:
        """The file with LLVM's code; its first line names the sources' digest."""
        return self.folder / f"{self.name}.ll.xz"

    @cached_property
    def digest(self) -> str:
        """A digest of all sources, and of what makes code of them."""
        digest = hashlib.sha256()
        for place in (*self.sources, *_MAKERS):
            for source in sorted(place.glob("*.py")) if place.is_dir() else [place]:
                digest.update(source.name.encode() + b"\n")
                digest.update(source.read_bytes().replace(b"\r\n", b"\n"))
        return digest.hexdigest()

    @property
    def header(self) -> str:
        """The first line of LLVM's code that was made from these sources."""
        return f"; kernels {self.name}, built from sources with SHA-256 {self.digest}\n"

    def fresh(self) -> str | None:
        """The shipped code, None where it was made from other sources."""
        try:
            text = lzma.decompress(self.shipped.read_bytes()).decode()
        except (OSError, lzma.LZMAError):
            return None
        return text if text.startswith(self.header) else None

    def build(self) -> str:
        """LLVM's code, made by Numba in a process of its own: a quarter of a minute."""
        command = [sys.executable, "-m", "softcert_oracle.native.build", "--print", f"{self.builder}"]
        environment = machine.environment_for_building()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise RuntimeError(f"building the kernels {self.name!r} failed:\n{done.stderr}")
        return self.header + done.stdout

    @property
    def cached(self) -> cache.Entry:
        """Where this machine's code is kept."""
        return cache.Entry(name=f"{self.name}-{machine.identity()}", made_from=self.digest, beside=self.folder)

    @property
    def ready(self) -> bool:
        """Whether nothing has to be compiled here."""
        return "functions" in self.__dict__ or self.cached.read() is not None

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        """The kernels by name, ready to be called from any thread: they hold no lock and take turns with nobody."""
        kept = self.cached
        image = kept.read()
        if image is None:
            image = self._compiled()
            kept.write(image)
        return {symbol: _callable(address) for symbol, address in machine.link(image, self.symbols).items()}

    def _compiled(self) -> bytes:
        """This machine's code from the shipped one; where that is of other sources or of another LLVM, from Numba's."""
        text = self.fresh()
        if text is not None:
            try:
                return machine.compiled(text)
            except RuntimeError:  # an LLVM that reads its code in another way
                pass
        return machine.compiled(self.build())


def _callable(address: int) -> Function:
    function = _PROTOTYPE(address)

    def call(arguments: int) -> int:
        result = ctypes.c_int64()
        function(ctypes.addressof(result), None, arguments)
        return result.value

    return call
