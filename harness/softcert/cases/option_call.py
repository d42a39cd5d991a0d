"""From a case with options to a call: arguments and options as they travel, and as the oracle takes them.

Values of options stand in `Case.options` as plain data: numbers and names as they are; ``(rule, layout)`` for arrays;
``(index, which rows)`` for the ignored label; ``(axis, leading shape)`` for the axis of the classes. Arguments that are
no logits (an upstream gradient, X, W and b) stand there too, under their own names.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from softcert.cases import option_arrays
from softcert.cases.case import Case
from softcert.cases.inputs import Inputs, build, generator
from softcert.executors.protocol import Array, Request
from softcert_implementations.contract import Terms
from softcert_oracle import operations
from softcert_oracle import options as oracle
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers import formats
from softcert_oracle.options.reference import linear_shapes

SCALAR = "scalar"
"""Layout word of an upstream gradient that multiplies a loss which is one number."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """One call: what is sent, and what the oracle is asked (``arguments`` and ``options``, NumPy arrays)."""

    operation: str
    case: Case
    request: Request
    arguments: dict[str, np.ndarray]
    options: dict[str, Any]

    def problem(self, terms: Terms) -> oracle.Problem:
        """The call in the oracle's canonical form; the reduction is the contract's unless the case names one."""
        takes = "reduction" in operations.lookup(self.operation).options
        given = {"reduction": terms.reduction, **self.options} if takes else self.options
        return oracle.problem(self.operation, self.arguments, given)


def optioned(operation: str, case: Case) -> bool:
    """Whether a call has options, or arguments beside logits and labels."""
    return bool(case.options) or operation not in operations.CORE


def result_shapes(call: oracle.Problem) -> tuple[tuple[int, ...], ...]:
    """The shapes of a call's results."""
    return linear_shapes(call) if call.operation == "linear_cross_entropy_grad" else (call.positions.shape,)


@lru_cache(maxsize=64)
def prepare(operation: str, case: Case) -> Prepared:
    """The call of a case. Raises `UsageError` for options that do not exist or do not fit."""
    inputs = build(case)
    entry = operations.lookup(operation)
    given = dict(case.options)
    names = {a.name for a in entry.arguments}
    for name in given:
        if name not in operations.OPTIONS and name not in names and name != "features":
            raise unknown("option", name, operations.OPTIONS)
    maker = _Maker(operation, inputs, given)
    sent, exact = {}, {}
    for argument in entry.arguments:
        if argument.kind == "labels" and "targets" in given:
            continue
        sent[argument.name], exact[argument.name] = maker.argument(argument.name)
    keywords, plain, options = {}, {}, {}
    for name, value in maker.given.items():
        if name in names or name not in operations.OPTIONS:
            continue
        if operations.OPTIONS[name].kind == "array":
            keywords[name], options[name] = maker.array(name, value)
        else:
            plain[name] = options[name] = value[0] if isinstance(value, tuple) else value
    request = Request(operation, case.format, tuple(sent.values()), keywords, plain)
    return Prepared(operation, case, request, exact, options)


class _Maker:
    """Makes the arrays of one call."""

    def __init__(self, operation: str, inputs: Inputs, given: dict[str, Any]) -> None:
        self.operation, self.inputs, self.given = operation, inputs, given
        self.case, self.fmt = inputs.case, formats.lookup(inputs.case.format)
        m, classes = inputs.exact.shape
        self.axis, lead = given.get("axis", (-1, (m,)))
        self.lead = tuple(lead) if int(np.prod(lead)) == m else (m,)  # a witness that was made smaller has other rows
        if not -len(self.lead) - 1 <= self.axis <= len(self.lead):
            self.axis = -1
        self.given = {**given, "axis": (self.axis, self.lead)} if "axis" in given else given
        self.shape = np.moveaxis(np.empty((*self.lead, classes), bool), -1, self.axis).shape

    def folded(self, rows: np.ndarray) -> np.ndarray:
        """(m, C) values with the classes on their axis."""
        whole = rows.reshape(*self.lead, rows.shape[1])
        return np.ascontiguousarray(np.moveaxis(whole, -1, self.axis))

    def argument(self, name: str) -> tuple[Array, np.ndarray]:
        if name == "x":
            if "axis" not in self.given:
                return self.inputs.logits(), np.asarray(self.inputs.x)
            x = self.folded(np.asarray(self.inputs.x))
            return option_arrays.place(x, self.case.layout, self.case, self.fmt), x
        if name == "labels":
            labels = self._labels()
            return Array.of(labels), labels
        if name == "upstream":
            return self.array(name, self.given.get(name, ("random", "C")))
        return self._linear(name)

    def _labels(self) -> np.ndarray:
        labels = self.inputs.labels.reshape(self.lead).copy()
        if "ignore_index" not in self.given:
            return labels
        index, which = self.given["ignore_index"]
        flat = labels.reshape(-1)
        choose: dict[str, Any] = {
            "none": [], "first": [0], "last": [-1], "all": slice(None), "others": slice(1, None),
            "some": slice(None, None, 2),
        }  # fmt: skip
        if which not in choose:
            raise unknown("choice of ignored rows", which, choose)
        if flat.size:
            flat[choose[which]] = index
        return flat.reshape(self.lead)

    def array(self, name: str, value: Any) -> tuple[Array, np.ndarray]:
        """An array-valued option (or the upstream argument), as it travels and as it is."""
        rule, layout = value
        m, classes = self.inputs.exact.shape
        by_class = operations.lookup(self.operation).result == "(m, C)"
        shape: tuple[int, ...] = (m, classes)
        if name == "weight":
            shape = (classes,)
        elif name == "upstream" and not operations.lookup(self.operation).takes_vectors:
            shape = () if layout == SCALAR else (m,)
        elif name == "out" and not by_class:
            shape = (m,)
        rng = generator(self.case, name)
        setting = option_arrays.Setting(self.case, self.inputs.exact, self.inputs.labels.astype(np.int64), shape, rng)
        made = option_arrays.values(name, rule, setting, self.fmt)
        if name == "upstream" and self.operation == "log_softmax_vjp":
            made = np.where(self._present(), made, np.zeros((), made.dtype))
        made = self.folded(made) if made.ndim == 2 else made.reshape(self.lead) if shape == (m,) else made
        return option_arrays.place(made, "C" if layout == SCALAR else layout, self.case, self.fmt), made

    def _present(self) -> np.ndarray:
        """Classes whose log-probability is a number: what -inf is multiplied by must be 0."""
        here = np.isfinite(self.inputs.exact)
        if "mask" in self.given:
            rule, _ = self.given["mask"]
            labels = self.inputs.labels.astype(np.int64)
            shape, rng = self.inputs.exact.shape, generator(self.case, "mask")
            here &= option_arrays.values(
                "mask", rule, option_arrays.Setting(self.case, self.inputs.exact, labels, shape, rng), self.fmt
            )
        return np.asarray(here)

    def _linear(self, name: str) -> tuple[Array, np.ndarray]:
        """X (m, K) and W (C, K) normal, b (C,) the first row of the regime, whose character the logits so take on."""
        m, classes = self.inputs.exact.shape
        count, layout = self.given.get("features", (3, "C"))
        rng = generator(self.case, name)
        if name == "X":
            made = rng.standard_normal((m, count))
        elif name == "W":
            made = rng.standard_normal((classes, count)) * min(1.0, 2.0 / np.sqrt(count))
        elif name == "b":
            first = self.inputs.exact[0] if m else np.zeros(classes)
            made = np.where(np.isfinite(first), first, 0.0)
        else:
            raise UsageError(f"argument={name!r}: softcert makes x, labels, upstream, X, W and b.")
        values = np.asarray(made.astype(self.fmt.dtype))
        return option_arrays.place(values, layout if values.ndim == 2 else "C", self.case, self.fmt), values
