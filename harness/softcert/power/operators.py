"""The operators of mutation testing over a syntax tree: one small change each, inside the body of a function.

The usual ones (constants, comparisons, arithmetic, conditions, dropped statements, swapped arguments) and those that
array code asks for: axes, ``keepdims``, slices, element types, one reduction for another. The general tools (mutmut,
cosmic-ray) know none of the latter, and run a test-suite for each mutant; here the mutants of one operation share
their inputs and exact results. Hence own operators over `ast`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

Change = tuple[str, ast.AST]
"""The kind of a change, and what stands in the place of the node."""

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mod,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
}
_EXCHANGED = (
    ("max", "min"),
    ("sum", "mean"),
    ("sum", "prod"),
    ("maximum", "minimum"),
    ("argmax", "argmin"),
    ("exp", "exp2"),
    ("exp", "expm1"),
    ("log", "log2"),
    ("log", "log1p"),
    ("isfinite", "isnan"),
    ("isinf", "isnan"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("floor", "ceil"),
    ("all", "any"),
    ("logaddexp", "maximum"),
)
_TYPES = {
    "float64": ("float32",),
    "float32": ("float16", "float64"),
    "int64": ("int32", "int8"),
    "int32": ("int16",),
    "double": ("float",),
}
_AXES = ("axis", "dim")
_REDUCTIONS = ("sum", "max", "min", "mean", "prod", "argmax", "argmin", "softmax", "log_softmax", "logsumexp", "cumsum")


def changes(node: ast.AST, role: str) -> Iterator[Change]:
    """Every change of one node.

    Parameters
    ----------
    node
        An expression or a statement inside a function.
    role
        The name of the keyword whose value it is; "axis" too for the first argument of a reduction; else "".
    """
    for operator in _OPERATORS:
        yield from operator(node, role)


def number(node: ast.AST) -> int | float | None:
    """The value of a literal number, its sign included; None for anything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    return None


def role_of(parent: ast.AST, child: ast.AST) -> str:
    """The role in which a node stands in its parent, as `changes` takes it."""
    if isinstance(parent, ast.keyword):
        return "axis" if parent.arg in _AXES else parent.arg or ""
    if isinstance(parent, ast.Call) and parent.args and number(child) is not None:
        name = parent.func.attr if isinstance(parent.func, ast.Attribute) else ""
        place = 1 if isinstance(parent.func, ast.Attribute) and isinstance(parent.func.value, ast.Name) else 0
        if name in _REDUCTIONS and child in parent.args[: place + 1]:
            return "axis"
    return ""


def _constants(node: ast.AST, role: str) -> Iterator[Change]:
    value = number(node)
    if isinstance(value, int):
        kind = "axis" if role == "axis" else "constant"
        yield from ((kind, ast.Constant(v)) for v in dict.fromkeys((value + 1, value - 1, 0)) if v != value)
    elif isinstance(value, float):
        others = dict.fromkeys((2 * value if value else 1.0, value * (1 + 2.0**-10), value + 1, 0.0))
        yield from (("constant", ast.Constant(v)) for v in others if v != value and v == v)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "keepdims" if role in ("keepdims", "keepdim") else "constant", ast.Constant(not node.value)


def _comparisons(node: ast.AST, role: str) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        for k, op in enumerate(node.ops):
            for other in _COMPARISONS[type(op)]:
                ops = [*node.ops[:k], other(), *node.ops[k + 1 :]]
                yield "comparison", ast.Compare(node.left, ops, node.comparators)


def _arithmetic(node: ast.AST, role: str) -> Iterator[Change]:
    if isinstance(node, ast.BinOp):
        for other in _ARITHMETIC.get(type(node.op), ()):
            yield "arithmetic", ast.BinOp(node.left, other(), node.right)
        yield "operand dropped", node.left
        yield "operand dropped", node.right
    elif isinstance(node, ast.AugAssign):
        for other in _ARITHMETIC.get(type(node.op), ()):
            yield "arithmetic", ast.AugAssign(node.target, other(), node.value)
        yield "arithmetic", ast.Assign([node.target], node.value)
    elif isinstance(node, ast.UnaryOp) and number(node) is None:
        yield "sign or not", node.operand


def _conditions(node: ast.AST, role: str) -> Iterator[Change]:
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "condition", ast.BoolOp(other, node.values)
    if isinstance(node, ast.IfExp):
        yield "condition", ast.IfExp(node.test, node.orelse, node.body)
    if isinstance(node, ast.If):
        yield "condition", ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    if isinstance(node, ast.While):
        yield "condition", ast.While(ast.Constant(False), node.body, node.orelse)


def _calls(node: ast.AST, role: str) -> Iterator[Change]:
    if not isinstance(node, ast.Call):
        return
    for k, keyword in enumerate(node.keywords):
        kind = "axis" if keyword.arg in _AXES else "keepdims" if keyword.arg == "keepdims" else "keyword dropped"
        yield kind, ast.Call(node.func, node.args, [*node.keywords[:k], *node.keywords[k + 1 :]])
    for k in range(len(node.args) - 1):
        args = [*node.args[:k], node.args[k + 1], node.args[k], *node.args[k + 2 :]]
        yield "arguments swapped", ast.Call(node.func, args, node.keywords)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "astype":
        yield "type", node.func.value
    elif len(node.args) == 1:
        yield "call dropped", node.args[0]


def _names(node: ast.AST, role: str) -> Iterator[Change]:
    """One function for another, one element type for another."""
    if isinstance(node, ast.Attribute):
        for one, other in _EXCHANGED:
            if node.attr in (one, other):
                name = other if node.attr == one else one
                yield "function exchanged", ast.Attribute(node.value, name, node.ctx)
        for name in _TYPES.get(node.attr, ()):
            yield "type", ast.Attribute(node.value, name, node.ctx)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        for name in _TYPES.get(node.value, ()):
            yield "type", ast.Constant(name)


def _slices(node: ast.AST, role: str) -> Iterator[Change]:
    if not isinstance(node, ast.Slice):
        return
    lower, upper, step = node.lower, node.upper, node.step
    yield "slice", ast.Slice(None if lower is not None else ast.Constant(1), upper, step)
    yield "slice", ast.Slice(lower, None if upper is not None else ast.Constant(-1), step)
    if step is not None:
        yield "slice", ast.Slice(lower, upper, None)


def _statements(node: ast.AST, role: str) -> Iterator[Change]:
    """A statement left out, where what follows can still run: no name stays without a value."""
    stores = isinstance(node, ast.Assign) and all(isinstance(t, ast.Subscript | ast.Attribute) for t in node.targets)
    calls = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    if stores or calls or isinstance(node, ast.AugAssign | ast.For | ast.If):
        yield "statement dropped", ast.Pass()
    if isinstance(node, ast.Continue):
        yield "statement dropped", ast.Break()
    if isinstance(node, ast.Break):
        yield "statement dropped", ast.Pass()
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        name = node.targets[0].id
        if any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node.value)):  # it had a value before
            yield "statement dropped", ast.Pass()


_OPERATORS: tuple[Callable[[ast.AST, str], Iterator[Change]], ...] = (
    _constants,
    _comparisons,
    _arithmetic,
    _conditions,
    _calls,
    _names,
    _slices,
    _statements,
)
