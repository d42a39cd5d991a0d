"""What the code of a subject leans on: numerical libraries, softcert's own packages, and the interpreter's insides.

The subject's functions are read, not run: the names that their code looks up, in their globals and closures, and the
modules that it imports. Functions of the subject's own modules are followed. What is hidden well is not found here;
`softcert.executors.worker.audit` hears of much of it at run time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

LIBRARY = "library"
"""Kind of an observation: a numerical library, or a package of softcert, that the subject's code calls."""
INSIDES = "interpreter's insides"
"""Kind of an observation: the subject's code names something that tells by whom it is called."""

LIBRARIES = (
    "scipy", "torch", "jax", "tensorflow", "numba", "cupy", "mlx", "triton", "onnxruntime", "mpmath", "flint", "gmpy2",
    "sympy", "numexpr", "autograd", "sklearn", "paddle", "tinygrad", "keras", "optax",
)  # fmt: skip
_OUR_PACKAGES = ("softcert", "softcert_oracle", "softcert_implementations", "softcert_reports")
_TOLD_OF_OURS = ("softcert.", "softcert_oracle.", "softcert_reports.", "softcert_implementations.bundled.")
TOLD = (
    *LIBRARIES,
    *(f"softcert_oracle.{name}" for name in ("reference", "fast", "mp", "decide", "limits", "options", "symbolic")),
    *(f"softcert.{name}" for name in ("cases", "expected", "properties", "engine", "findings", "results")),
    "softcert_implementations.bundled",
)
"""Modules whose loading is told."""
_PLAIN_OF_OURS = tuple(f"softcert_oracle.{name}" for name in ("errors", "levels", "operations", "numbers"))
_INSIDES = (
    (("sys", "modules"), "sys.modules"),
    (("sys", "argv"), "sys.argv"),
    (("sys", "orig_argv"), "sys.orig_argv"),
    (("sys", "flags"), "sys.flags"),
    (("tb_frame",), "the call stack, by a traceback's frame"),
    (("f_back",), "the call stack, by a frame's caller"),
    (("currentframe",), "the call stack, by inspect"),
    (("getppid",), "the parent process"),
    (("environ",), "environment variables"),
    (("getenv",), "environment variables"),
)
_PARTS = {"torch": "autograd"}
"""By array library: a part of it that has the name of another library. Whether that is loaded is heard at run time."""
_LIMIT = 2000  # objects that are read


def names_in_code(functions: Iterable[Any], arrays: str) -> list[tuple[str, str]]:
    """The observations about the code of a subject's functions, without repetition.

    Parameters
    ----------
    functions
        The subject's functions; wrappers, partials, bound methods and instances are looked through.
    arrays
        The array library that the subject is declared for, of which nothing is told.
    """
    functions = list(functions)
    homes = {_home(f) for f in _unwrapped(functions)}
    found: dict[tuple[str, str], None] = {}
    for kind, text in _read(functions, homes):
        if text not in (arrays, _PARTS.get(arrays)):
            found.setdefault((kind, text))
    return sorted(found)


def library_of(name: str) -> str:
    """The name under which a module is told: its library's, or its own where it is ours; "" for any other."""
    top = name.partition(".")[0]
    if top in LIBRARIES:
        return top
    plain = name in _OUR_PACKAGES or name.startswith(_PLAIN_OF_OURS)
    if f"{name}.".startswith(_TOLD_OF_OURS) and not plain:
        return ".".join(name.split(".")[:3] if top == "softcert_implementations" else name.split(".")[:2])
    return ""


def _read(functions: list[Any], homes: set[str]) -> Iterator[tuple[str, str]]:
    waiting: list[Any] = list(functions)
    seen: set[int] = set()
    while waiting and len(seen) < _LIMIT:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        home = _home(part)
        if (told := library_of(home)) and not _own(home, homes):
            yield LIBRARY, told
            continue
        waiting += _inner(part)
        if isinstance(part, FunctionType) and _own(home, homes):
            names = list(_names(part.__code__))
            yield from ((INSIDES, text) for marks, text in _INSIDES if set(marks) <= set(names))
            yield from ((LIBRARY, t) for n in names if (t := library_of(n)) and "." in n and not _own(n, homes))
            waiting += [part.__globals__[n] for n in names if n in part.__globals__]
            yield from ((LIBRARY, n) for n in names if n in LIBRARIES)


def _own(name: str, homes: set[str]) -> bool:
    """Whether a module belongs to the subject: one of its homes, or one that lies in the same package as a home."""
    packages = {h.rpartition(".")[0] or h for h in homes}
    return name in homes or any(p and (name == p or name.startswith(f"{p}.")) for p in packages)


def _home(part: Any) -> str:
    if isinstance(part, ModuleType):
        return part.__name__
    name = getattr(part, "__module__", None) if isinstance(part, FunctionType | type) else type(part).__module__
    return name if isinstance(name, str) else ""


def _unwrapped(parts: Iterable[Any]) -> Iterator[Any]:
    waiting: list[Any] = list(parts)
    seen: set[int] = set()
    while waiting and len(seen) < _LIMIT:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, FunctionType):
            yield part
        else:
            waiting += _inner(part)


def _inner(part: Any) -> list[Any]:
    """What a function, a partial, a method, a wrapper or an instance holds."""
    if isinstance(part, MethodType):
        return [part.__func__, part.__self__]
    if isinstance(part, FunctionType):
        cells = [_content(cell) for cell in part.__closure__ or ()]
        return [c for c in (*cells, getattr(part, "__wrapped__", None)) if callable(c) or isinstance(c, ModuleType)]
    if isinstance(part, type):
        return _methods(part)
    if isinstance(part, ModuleType):
        return []
    inner = [getattr(part, name, None) for name in ("func", "function", "py_func", "__wrapped__")]
    return [p for p in (*inner, *_methods(type(part))) if callable(p) and type(part).__module__ != "builtins"]


def _methods(kind: type) -> list[Any]:
    return [v for v in vars(kind).values() if isinstance(v, FunctionType)]


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _names(code: CodeType) -> Iterator[str]:
    """The names that a code object looks up or imports, those of the functions within it included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
