"""SymPy expressions as presentation MathML that a browser and an XML parser both take.

SymPy's printer writes named entities that only a DTD knows, leaves ``<`` unescaped, drops all but the first
limit of a nested sum and has no notation for products and Kronecker's delta; this adapts it and checks that
what comes out is well formed.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree

import sympy as sp
from sympy.printing.mathml import MathMLPresentationPrinter
from sympy.printing.precedence import PRECEDENCE

NAMESPACE = "http://www.w3.org/1998/Math/MathML"

# The double-struck letters of these entities are missing from many fonts; plain signs are what books use.
_SIGNS = {"&dd;": "∂", "&ExponentialE;": "e", "&ImaginaryI;": "i", "&DifferentialD;": "d"}
_KEPT = {"&lt;", "&gt;", "&amp;", "&quot;"}


class _Printer(MathMLPresentationPrinter):
    """Notation as in books: nested sums, the product sign, partial derivatives, δ, no leading minus if avoidable."""

    def _row(self, tag: str, *children: Any) -> Any:
        node = self.dom.createElement(tag)
        for child in children:
            node.appendChild(self._text(*child) if isinstance(child, tuple) else child)
        return node

    def _text(self, tag: str, text: str) -> Any:
        node = self.dom.createElement(tag)
        node.appendChild(self.dom.createTextNode(text))
        return node

    def _grouped(self, expression: Any, level: str = "Mul") -> Any:
        """In parentheses, if it binds less tightly than that."""
        return self.parenthesize(expression, PRECEDENCE[level], strict=False)

    def _large(self, sign: str, expression: Any) -> Any:
        """A sum or product; the last limit of SymPy's is the outermost."""
        body = self._grouped(expression.function, "Add")
        for index, low, high in expression.limits:
            below = self._row("mrow", self._print(index), ("mo", "="), self._print(low))
            body = self._row("mrow", self._row("munderover", ("mo", sign), below, self._print(high)), body)
        return body

    def _print_Sum(self, expression: Any) -> Any:  # noqa: N802  (SymPy's dispatch names)
        return self._large("∑", expression)

    def _print_Product(self, expression: Any) -> Any:  # noqa: N802
        return self._large("∏", expression)

    def _print_KroneckerDelta(self, expression: Any) -> Any:  # noqa: N802
        return self._row("msub", ("mi", "δ"), self._row("mrow", *map(self._print, expression.args)))

    def _print_AppliedUndef(self, expression: Any) -> Any:  # noqa: N802  (SymPy's would write P as p)
        inside: list[Any] = [("mo", "(")]
        for position, argument in enumerate(expression.args):
            inside += [("mo", ",")] * (position > 0) + [self._print(argument)]
        return self._row("mrow", ("mi", expression.func.__name__), self._row("mrow", *inside, ("mo", ")")))

    def _print_Derivative(self, expression: Any) -> Any:  # noqa: N802
        orders = Counter({v: int(n) for v, n in expression.variable_count})

        def power(base: Any, n: int) -> Any:
            return base if n == 1 else self._row("msup", base, ("mn", str(n)))

        below = [part for v, n in orders.items() for part in (("mo", "∂"), power(self._print(v), n))]
        above = self._row("mrow", power(self._text("mo", "∂"), sum(orders.values())), self._grouped(expression.expr))
        return self._row("mfrac", above, self._row("mrow", *below))

    def _print_Add(self, expression: Any, order: Any = None) -> Any:  # noqa: N802
        terms = self._as_ordered_terms(expression, order=order)
        terms.sort(key=lambda term: term.could_extract_minus_sign())  # stable: what is subtracted comes last
        parts: list[Any] = []
        for term in terms:
            minus = term.could_extract_minus_sign()
            if parts or minus:
                parts.append(("mo", "−" if minus else "+"))
            shown = -term if minus else term
            parts.append(self._grouped(shown, "Add"))
        return self._row("mrow", *parts)


def mathml(*formulas: sp.Basic) -> str:
    """One ``<math>`` element with these formulas, comma-separated; empty for none."""
    if not formulas:
        return ""
    body = "<mo>,</mo><mspace width='1em'/>".join(_clean(_Printer().doprint(f)) for f in formulas)
    text = f'<math xmlns="{NAMESPACE}" display="block">{body}</math>'
    ElementTree.fromstring(text)
    return text


def _clean(printed: str) -> str:
    """Entities as characters, operators escaped."""
    printed = re.sub(r"<mo>([<>]=?)</mo>", lambda m: f"<mo>{html.escape(m[1])}</mo>", printed)
    printed = printed.replace("<mo>-</mo>", "<mo>−</mo>")
    return re.sub(r"&(#x?[0-9A-Fa-f]+|[A-Za-z]+);", _character, printed)


def _character(entity: re.Match[str]) -> str:
    name = entity[0]
    return name if name in _KEPT else _SIGNS.get(name, html.unescape(name))
