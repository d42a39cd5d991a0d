"""Operators of mutation testing: what each makes of a piece of source."""

from __future__ import annotations

import ast

import pytest

from softcert.power.mutations import mutations
from softcert.power.operators import number


def changes(body: str) -> set[tuple[str, str, str]]:
    """Kind, before and after of every mutation of a function with this body."""
    return {(m.kind, m.before, m.after) for m in mutations(f"def f(x, y, labels):\n    {body}\n")}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return x.sum(-1)", ("axis", "-1", "0")),
        ("return np.sum(x, -1)", ("axis", "-1", "-2")),
        ("return x.max(axis=-1)", ("axis", "-1", "0")),
        ("return x.max(axis=-1)", ("axis", "x.max(axis=-1)", "x.max()")),
        ("return x.sum(-1, keepdims=True)", ("keepdims", "True", "False")),
        ("return x < y", ("comparison", "x < y", "x <= y")),
        ("return x - y", ("arithmetic", "x - y", "x + y")),
        ("return x - y", ("operand dropped", "x - y", "x")),
        ("x -= y", ("arithmetic", "x -= y", "x = y")),
        ("return -x", ("sign or not", "-x", "x")),
        ("return x if y else labels", ("condition", "x if y else labels", "labels if y else x")),
        ("return np.where(x, y, 0)", ("arguments swapped", "np.where(x, y, 0)", "np.where(y, x, 0)")),
        ("return np.exp(x)", ("call dropped", "np.exp(x)", "x")),
        ("return np.exp(x)", ("function exchanged", "np.exp", "np.exp2")),
        ("return x.astype(np.float32)", ("type", "np.float32", "np.float16")),
        ("return x.astype(y)", ("type", "x.astype(y)", "x")),
        ("return x[:, 1:]", ("slice", "1:", ":")),
        ("return x[:, :1]", ("slice", ":1", "1:1")),
        ("x[0] = 1", ("statement dropped", "x[0] = 1", "pass")),
        ("return 2.0", ("constant", "2.0", "4.0")),
    ],
    ids=lambda v: v if isinstance(v, str) else v[0],
)
def test_a_piece_of_source_is_changed_so(body: str, expected: tuple[str, str, str]) -> None:
    """One change of each kind."""
    assert expected in changes(body)


def test_the_sign_of_a_number_belongs_to_it() -> None:
    """-1 becomes 0 or -2, never +1 by a dropped sign and 2 within the sign as well."""
    assert {after for _, before, after in changes("return x[-1]") if before == "-1"} == {"0", "-2"}
    assert number(ast.parse("-3", mode="eval").body) == -3
    assert number(ast.parse("True", mode="eval").body) is None


def test_a_first_assignment_is_never_dropped() -> None:
    """A name without a value would be an error at once, and no mutant worth running."""
    assert not any(kind == "statement dropped" for kind, _, _ in changes("z = x + y"))
    assert any(kind == "statement dropped" for kind, _, _ in changes("x = x + y"))
