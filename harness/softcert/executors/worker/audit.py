"""What a subject reaches for while it is loaded and called: files, processes, signals, the call stack, modules.

An audit hook of the interpreter (PEP 578) hears of each. It forbids nothing: each thing becomes an observation, which
stands in the document beside the verdict. A hook cannot be removed; outside `Audit` it returns at once. Libraries that
the subject uses are heard as well, except where they look at the call stack for a warning's or a log's place.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import sys
import sysconfig
import threading
from collections.abc import Callable, Mapping
from types import FrameType, TracebackType
from typing import Any

from softcert.executors.transport.captured_text import safe_text
from softcert.executors.worker.names_in_code import LIBRARIES, LIBRARY, TOLD, library_of

REACHED = "reached outside"
"""Kind of an observation: the subject looked at, or acted on, something outside its arguments."""

Heard = tuple[str, str]
"""Kind and text of an observation; there is nothing to tell where the text is empty."""

_LIMIT = 20  # distinct texts of one call
_OURS = tuple(
    f"{place}{os.sep}"
    for name in ("softcert", "softcert_oracle", "softcert_implementations", "softcert_reports")
    if (spec := importlib.util.find_spec(name)) is not None
    for place in spec.submodule_search_locations or ()
)
_STANDARD = tuple({sysconfig.get_paths()[k] + os.sep for k in ("stdlib", "platstdlib")})
_LIBRARIES = re.compile(rf"[/\\](numpy|jaxlib|llvmlite|{'|'.join(LIBRARIES)})[/\\]")
_CACHE = re.compile(r"__pycache__|[/\\]\.cache[/\\]|torchinductor|numba|triton|[/\\]null$")
_TEMPORARY = re.compile(r"\btmp[a-z0-9_]{8}\b")
_PROC = re.compile(r"^/proc/(self|thread-self|[0-9]+)(/.*)?$")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FOREIGN_MEMORY = ("process_vm_readv", "process_vm_writev", "ptrace")


class Audit:
    """Hears what happens in this process while it is entered; `observations` holds it afterwards."""

    def __init__(self) -> None:
        self._heard: dict[Heard, None] = {}
        self._needed_by_others: set[str] = set()

    def __enter__(self) -> Audit:
        _install()
        self._absent = [name for name in TOLD if name not in sys.modules]
        _listening.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        _listening.remove(self)
        for name in self._absent:
            if name in sys.modules and library_of(name) not in self._needed_by_others:
                self.hear((LIBRARY, library_of(name)))

    @property
    def observations(self) -> list[tuple[str, str]]:
        """What was heard, without repetition."""
        return list(self._heard)

    def needed_by_another(self, library: str) -> None:
        """Note that a library is loaded because another one needs it."""
        self._needed_by_others.add(library)

    def hear(self, heard: Heard) -> None:
        """Note one thing."""
        if len(self._heard) < _LIMIT:
            self._heard.setdefault((heard[0], safe_text(heard[1])))


_listening: list[Audit] = []
_inside = threading.local()
_installed: list[bool] = []


def _install() -> None:
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    describe = _DESCRIBE.get(event)
    if describe is None or not _listening or getattr(_inside, "hook", False):
        return
    _inside.hook = True  # describing raises events of its own
    try:
        with contextlib.suppress(Exception):  # a subject may pass anything; its call must not fail for our sake
            heard = describe(arguments)
            if heard[1]:
                _listening[-1].hear(heard)
    finally:
        _inside.hook = False


def _opened(arguments: tuple[Any, ...]) -> Heard:
    path, mode, flags = arguments
    if isinstance(path, int):
        return REACHED, ""
    name = os.fsdecode(path)
    if _PROC.match(name) or name.startswith("/sys/fs/cgroup"):
        return REACHED, f"opened {_proc(name)}"
    if (flags or 0) & _WRITING or (isinstance(mode, str) and set(mode) & set("wax+")):
        return REACHED, _changed(name, "opened", " for writing")
    return REACHED, ""


def _changed(name: str, verb: str, rest: str = "") -> str:
    """A file that is changed; "" for the caches of compilers. Names of temporary files differ from run to run."""
    if _by_tempfile():
        return ""
    whole = os.path.abspath(name)
    if whole.startswith(_OURS) and not _CACHE.search(whole):
        return f"{verb} a file of softcert's own package{rest}: {os.path.basename(whole)}"
    if _CACHE.search(whole):
        return ""
    return f"{verb} {_TEMPORARY.sub('a temporary file', os.path.basename(whole))}{rest}"


def _by_tempfile() -> bool:
    """Whether Python's tempfile module acts: its names differ from run to run, and nobody else uses them."""
    frame: FrameType | None = sys._getframe(3)
    for _ in range(4):
        if frame is None:
            return False
        if frame.f_code.co_filename.endswith("tempfile.py"):
            return True
        frame = frame.f_back
    return False


def _proc(name: str) -> str:
    """A name below /proc without the numbers, which differ from run to run."""
    found = _PROC.match(name)
    if found is None:
        return "/sys/fs/cgroup" if name.startswith("/sys/fs/cgroup") else "/proc"
    who, rest = found.groups()
    shown = "self" if who in ("self", "thread-self", str(os.getpid())) else "(another process)"
    return f"/proc/{shown}{re.sub(r'[0-9]+', 'N', rest or '')}"


def _listed(arguments: tuple[Any, ...]) -> Heard:
    name = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes | os.PathLike) else ""
    return REACHED, f"listed {_proc(name)}" if name.startswith("/proc") else ""


def _stack(arguments: tuple[Any, ...]) -> Heard:
    return REACHED, "looked at the call stack" if _from_subject(("inspect.py", "traceback.py")) else ""


def _imported(arguments: tuple[Any, ...]) -> Heard:
    told = library_of(str(arguments[0]))
    if not told:
        return LIBRARY, ""
    if _from_subject(("importlib",)):
        return LIBRARY, told
    if arguments[0] == told or told not in sys.modules:
        _listening[-1].needed_by_another(told)
    return LIBRARY, ""


def _from_subject(passed_over: tuple[str, ...]) -> bool:
    """Whether the event comes from a subject's own code, and not from softcert, Python's library or a numerical one."""
    frame: FrameType | None = sys._getframe(3)  # below `_hook` and the function that describes the event
    while frame is not None and any(name in frame.f_code.co_filename for name in passed_over):
        frame = frame.f_back
    if frame is None:
        return False
    file = frame.f_code.co_filename
    if _LIBRARIES.search(file) or file.startswith(_OURS):
        return False
    return "site-packages" in file or not file.startswith(_STANDARD)


def _symbol(arguments: tuple[Any, ...]) -> Heard:
    name = arguments[1] if len(arguments) > 1 else ""
    return REACHED, f"looked up {name} in a C library" if name in _FOREIGN_MEMORY else ""


def _attribute(arguments: tuple[Any, ...]) -> Heard:
    target, name = arguments[:2]
    place = f"{getattr(target, '__module__', '?')}.{getattr(target, '__qualname__', '?')}"
    return REACHED, f"replaced the code of {place}" if name == "__code__" and _from_subject(()) else ""


def _changing(verb: str, which: int = 0) -> Callable[[tuple[Any, ...]], Heard]:
    return lambda arguments: (REACHED, _changed(os.fsdecode(arguments[which]), verb))


def _always(text: str) -> Callable[[tuple[Any, ...]], Heard]:
    return lambda arguments: (REACHED, text)


_PROCESS = _always("started a process")
_SIGNAL = _always("sent a signal")
_OBJECTS = _always("searched the interpreter's objects (gc)")
_TRACING = _always("set a trace, profile or audit function")

_DESCRIBE: Mapping[str, Callable[[tuple[Any, ...]], Heard]] = {
    "open": _opened,
    "os.listdir": _listed,
    "os.scandir": _listed,
    "os.remove": _changing("removed"),
    "os.rename": _changing("replaced", 1),
    "os.truncate": _changing("truncated"),
    "sys._getframe": _stack,
    "sys._current_frames": _stack,
    "sys._current_exceptions": _stack,
    "gc.get_objects": _OBJECTS,
    "gc.get_referrers": _OBJECTS,
    "import": _imported,
    "os.fork": _PROCESS,
    "os.forkpty": _PROCESS,
    "os.exec": _PROCESS,
    "os.posix_spawn": _PROCESS,
    "os.spawn": _PROCESS,
    "os.system": _PROCESS,
    "subprocess.Popen": _PROCESS,
    "os.kill": _SIGNAL,
    "os.killpg": _SIGNAL,
    "signal.pthread_kill": _SIGNAL,
    "socket.connect": _always("connected a socket"),
    "socket.bind": _always("bound a socket"),
    "ctypes.dlsym": _symbol,
    "object.__setattr__": _attribute,
    "sys.settrace": _TRACING,
    "sys.setprofile": _TRACING,
    "sys.addaudithook": _TRACING,
}
"""By event of the interpreter's table of audit events: what is told of it."""
