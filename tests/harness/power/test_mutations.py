"""Mutants of a text: where they lie, that each differs, and what their source is."""

from __future__ import annotations

import ast

from softcert.power.mutations import mutated, mutations

SOURCE = '''"""A module."""
LIMIT = 3


def outer(x: int = 4) -> "int":
    """Words."""

    def inner(y):
        return y + 1  # a comment

    if x > 2:
        return inner(x)
    return [lambda z: z * 2][0](x)


pick = lambda v: v - 1
'''


def test_only_bodies_of_functions_are_changed() -> None:
    """Neither constants of the module, nor annotations, nor docstrings."""
    found = mutations(SOURCE)
    assert not any(m.before in ("3", "'int'", "'Words.'") for m in found)
    assert {m.function for m in found} == {"outer", "lambda"}
    assert {"y + 1", "x > 2", "z * 2", "v - 1"} <= {m.before for m in found}


def test_each_mutant_is_a_program_that_differs_in_one_place() -> None:
    """All texts differ from one another and from the original."""
    texts = [mutated(SOURCE, m) for m in mutations(SOURCE)]
    assert len({*texts, ast.unparse(ast.parse(SOURCE))}) == len(texts) + 1


def test_a_mutant_names_the_line_of_its_statement() -> None:
    """The head of an ``if`` ends before its body."""
    line = next(m for m in mutations(SOURCE) if m.before == "x > 2")
    assert (line.line, line.end_line) == (11, 11)
    assert SOURCE.splitlines()[line.line - 1].strip() == "if x > 2:"


def test_numbers_and_order_are_the_same_each_time() -> None:
    """A mutant is known by its number."""
    first = mutations(SOURCE)
    mutations.cache_clear()
    assert [(m.number, m.before, m.after) for m in first] == [(m.number, m.before, m.after) for m in mutations(SOURCE)]
