"""All mutants of a source text: where each changes it, and the changed text."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from softcert.power.operators import changes, number, role_of

Path = tuple[tuple[str, int | None], ...]
"""The way from the root of a tree to a node: fields, with an index where the field is a list."""

_SKIPPED = ("annotation", "returns", "decorator_list", "type_comment", "ctx", "op", "ops")


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One change of a source text.

    Attributes
    ----------
    number
        Its place among the mutations of the text.
    kind
        The operator that makes it, in words.
    function
        The outermost function or class that it lies in.
    line, end_line
        The lines of the statement that it changes, counted from 1.
    before, after
        The changed part, as source.
    """

    number: int
    kind: str
    function: str
    line: int
    end_line: int
    before: str
    after: str
    path: Path = field(repr=False)
    node: ast.AST = field(repr=False, compare=False)


@dataclass(frozen=True)
class _Site:
    """A node inside a function, with its way from the root."""

    node: ast.AST
    path: Path
    role: str
    function: str
    statement: ast.stmt


@lru_cache(maxsize=64)
def mutations(source: str) -> tuple[Mutation, ...]:
    """The mutations of a text, in the order of its nodes, those that give the same tree left out.

    Raises
    ------
    SyntaxError
        If the text is no Python.

    Examples
    --------
    >>> for m in mutations("def f(x):\\n    return x.max(-1) + 1\\n")[:3]:
    ...     print(m.kind, m.line, m.before, "->", m.after)
    arithmetic 2 x.max(-1) + 1 -> x.max(-1) - 1
    operand dropped 2 x.max(-1) + 1 -> x.max(-1)
    operand dropped 2 x.max(-1) + 1 -> 1
    """
    tree = ast.parse(source)
    found: list[Mutation] = []
    for site in _sites(tree):
        seen = {ast.unparse(site.node)}
        for kind, node in changes(site.node, site.role):
            after = ast.unparse(ast.fix_missing_locations(copy.deepcopy(node)))
            if after in seen:
                continue
            seen.add(after)
            found.append(
                Mutation(
                    number=len(found),
                    kind=kind,
                    function=site.function,
                    line=site.statement.lineno,
                    end_line=_head_end(site.statement),
                    before=_short(ast.unparse(site.node)),
                    after=_short(after),
                    path=site.path,
                    node=node,
                )
            )
    return tuple(found)


def mutated(source: str, mutation: Mutation) -> str:
    """The text with one change made; comments are lost.

    Raises
    ------
    SyntaxError
        If the change gives no program.
    """
    tree = ast.parse(source)
    parent: ast.AST = tree
    for name, index in mutation.path[:-1]:
        value = getattr(parent, name)
        parent = value if index is None else value[index]
    name, index = mutation.path[-1]
    node = copy.deepcopy(mutation.node)
    if index is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[index] = node
    text = ast.unparse(ast.fix_missing_locations(tree))
    compile(text, "<mutant>", "exec", dont_inherit=True)
    return text


def _sites(tree: ast.Module) -> Iterator[_Site]:
    for k, statement in enumerate(tree.body):
        name = statement.name if isinstance(statement, ast.FunctionDef | ast.ClassDef) else ""
        yield from _inside(statement, (("body", k),), name, statement, within=False)


def _inside(node: ast.AST, path: Path, function: str, statement: ast.stmt, *, within: bool) -> Iterator[_Site]:
    """The sites below a node; ``within``: whether it lies in the body of a function."""
    body = within or isinstance(node, ast.FunctionDef | ast.Lambda)
    for name, index, child in _children(node):
        way = (*path, (name, index))
        here = child if isinstance(child, ast.stmt) else statement
        if body and not isinstance(child, ast.arguments | ast.FunctionDef) and not _documents(child):
            yield _Site(child, way, role_of(node, child), function or "lambda", here)
            if number(child) is not None:
                continue  # the sign of a literal belongs to it
        yield from _inside(child, way, function, here, within=body)


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for name, value in ast.iter_fields(node):
        if name in _SKIPPED:
            continue
        if isinstance(value, ast.AST):
            yield name, None, value
        elif isinstance(value, list):
            yield from ((name, k, each) for k, each in enumerate(value) if isinstance(each, ast.AST))


def _documents(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _head_end(statement: ast.stmt) -> int:
    """The last line of a statement, without the body that it may have."""
    body = getattr(statement, "body", None)
    end = statement.end_lineno or statement.lineno
    return max(statement.lineno, body[0].lineno - 1) if isinstance(body, list) and body else end


def _short(text: str, most: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
