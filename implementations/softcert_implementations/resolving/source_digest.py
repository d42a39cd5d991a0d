"""The digest of a subject's source: what a certificate binds its verdict to."""

from __future__ import annotations

import hashlib
import inspect
import io
import tokenize
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import metadata
from typing import Any

from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.load_spec import SUBJECT_PREFIX

_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING}
_STRUCTURE = {tokenize.NEWLINE: "newline", tokenize.INDENT: "indent", tokenize.DEDENT: "dedent"}
"""Where a statement or a block ends says what the code does; with how many blanks it is written does not."""


def digest(implementation: Implementation) -> str:
    """The digest of the source files of all functions.

    Comments and layout do not count, so that reformatting is no change. Functions without source (builtins,
    compiled code) count by their module and name, and by the version of the package where that is known.

    Returns
    -------
    str
        ``sha256:`` and 64 hexadecimal digits.

    Examples
    --------
    >>> digest(Implementation("absolute", {"softmax": abs}))[:14]
    'sha256:54ab112'
    """
    return combined(by_operation(implementation))


def by_operation(implementation: Implementation) -> dict[str, str]:
    """The digest of the source file of each function, by operation.

    A subject that is described again may have more operations than were certified: theirs do not count then.
    """
    return {
        name: hashlib.sha256(f"{name}:{_source(function)}".encode("utf-8", "surrogatepass")).hexdigest()
        for name, function in implementation.ops.items()
    }


def combined(digests: Mapping[str, str]) -> str:
    """One digest from those by operation, whatever their order."""
    return "sha256:" + hashlib.sha256("\n".join(sorted(digests.values())).encode()).hexdigest()


def home(function: Callable[..., Any]) -> str:
    """``module:name`` from where a function can be imported again; "" for closures, lambdas and __main__'s own.

    >>> home(io.BytesIO.read), home(inspect.getsource), home(lambda: 0)
    ('', 'inspect:getsource', '')
    """
    plain = _innermost(function)
    module, name = getattr(plain, "__module__", None), getattr(plain, "__qualname__", "")
    if not isinstance(module, str) or module in ("__main__", "builtins") or module.startswith(SUBJECT_PREFIX):
        return ""
    return f"{module}:{name}" if name.isidentifier() else ""


def _innermost(function: Any) -> Any:
    """The function inside wrappers: functools.partial, decorators, and the resolver's own."""
    while True:
        inner = getattr(function, "func", getattr(function, "function", getattr(function, "__wrapped__", None)))
        if inner is None or not callable(inner):
            return function
        function = inner


def _source(function: Callable[..., Any]) -> str:
    plain = _innermost(function)
    try:
        module = inspect.getmodule(plain)
        text = inspect.getsource(plain if module is None or module.__name__ == "__main__" else module)
    except (OSError, TypeError):
        package = str(getattr(plain, "__module__", None) or "")
        return f"{package}.{getattr(plain, '__qualname__', type(plain).__qualname__)} {_version(package)}"
    return _tokens(text)


def _version(module: str) -> str:
    try:
        return metadata.version(module.partition(".")[0])
    except (metadata.PackageNotFoundError, ValueError):
        return ""


@lru_cache(maxsize=8)  # a module is read once for all of its operations
def _tokens(text: str) -> str:
    try:
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        return "\x1f".join(_STRUCTURE.get(t.type, t.string) for t in tokens if t.type not in _LAYOUT)
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return text
