"""From the inputs of a case to a call: arguments and options as they travel, and as the oracle takes them.

A plain call is a call with no options; there is one path for both. Values of options stand in `Case.options` as plain
data: numbers and names as they are; ``(rule, layout)`` for arrays; ``(index, which rows)`` for the ignored label;
``(axis, leading shape)`` for the axis of the classes. Arguments that are no logits (an upstream gradient, X, W and b)
stand there too, under their own names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from softcert.cases import option_arrays
from softcert.cases.case import Case
from softcert.cases.inputs import Inputs, generator
from softcert.cases.option_arrays import RuleContext
from softcert.executors.protocol import Array, Request
from softcert_implementations.contract import ResolvedContract
from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers import formats

if TYPE_CHECKING:
    from softcert_oracle import options as oracle

SCALAR = "scalar"
"""Layout word of an upstream gradient that multiplies a loss which is one number."""

OUT = "out"
"""The option that names the array to write into."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Call:
    """One call: what is sent, and what the oracle is asked.

    Attributes
    ----------
    operation
        The operation's name.
    inputs
        The logits and labels that the call is made of.
    request
        What travels to the subject.
    arguments, options
        The same as NumPy arrays and plain values, as `softcert_oracle.options` takes them.
    """

    operation: str
    inputs: Inputs
    request: Request
    arguments: dict[str, np.ndarray]
    options: dict[str, Any]

    @property
    def case(self) -> Case:
        """The recipe."""
        return self.inputs.case

    @property
    def has_options(self) -> bool:
        """Whether there are options, or arguments beside logits and labels."""
        return has_options(self.operation, self.case)

    @property
    def sent(self) -> dict[str, Array]:
        """Every array that travels, by its name: arguments first, in the order in which replies count them."""
        positional = dict(zip(self.arguments, self.request.arrays, strict=True))
        return {**positional, **self.request.keywords}

    def canonical(self, terms: ResolvedContract) -> oracle.CanonicalCall:
        """The call in the oracle's canonical form; the reduction is the contract's unless the case names one."""
        from softcert_oracle import options as oracle

        takes = "reduction" in operations.lookup(self.operation).options
        given = {"reduction": terms.reduction, **self.options} if takes else self.options
        return oracle.canonical_call(self.operation, self.arguments, given)


def has_options(operation: str, case: Case) -> bool:
    """Whether a call has options, or arguments beside logits and labels."""
    return bool(case.options) or operation not in operations.CORE


def build_call(operation: str, inputs: Inputs) -> Call:
    """The call of an operation on some inputs.

    Parameters
    ----------
    operation
        A name of the table of operations.
    inputs
        The arrays of the case; its options are built here.

    Raises
    ------
    UsageError
        For options that do not exist or do not fit the operation.
    """
    if not has_options(operation, inputs.case):
        return _plain_call(operation, inputs)
    entry = operations.lookup(operation)
    given = dict(inputs.case.options)
    names = {a.name for a in entry.arguments}
    for name in given:
        if name not in operations.OPTIONS and name not in names and name != "features":
            raise unknown("option", name, operations.OPTIONS)
    builder = _CallBuilder(operation, inputs, given)
    sent, arguments = {}, {}
    for argument in entry.arguments:
        if argument.kind == "labels" and "targets" in given:
            continue
        sent[argument.name], arguments[argument.name] = builder.argument(argument.name)
    keywords, plain, options = {}, {}, {}
    for name, value in builder.given.items():
        if name in names or name not in operations.OPTIONS:
            continue
        if operations.OPTIONS[name].kind == "array":
            keywords[name], options[name] = builder.array(name, value)
        else:
            plain[name] = options[name] = value[0] if isinstance(value, tuple) else value
    request = Request(
        operation=operation,
        format=inputs.case.format,
        arrays=tuple(sent.values()),
        keywords=keywords,
        options=plain,
        kind=inputs.case.kind,
    )
    return Call(operation=operation, inputs=inputs, request=request, arguments=arguments, options=options)


def _plain_call(operation: str, inputs: Inputs) -> Call:
    """The call without options: the arrays of the inputs as they are."""
    arrays: tuple[Array, ...] = (inputs.logits(),)
    arguments = {"x": inputs.x}
    if operations.lookup(operation).takes_labels:
        arrays = (*arrays, inputs.label_array())
        arguments["labels"] = inputs.labels
    request = Request(operation=operation, format=inputs.case.format, arrays=arrays, kind=inputs.case.kind)
    return Call(operation=operation, inputs=inputs, request=request, arguments=arguments, options={})


class _CallBuilder:
    """Builds the arrays of one call."""

    def __init__(self, operation: str, inputs: Inputs, given: dict[str, Any]) -> None:
        self.operation, self.inputs = operation, inputs
        self.case, self.fmt = inputs.case, formats.lookup(inputs.case.format)
        m = len(inputs.exact)
        self.axis, lead = given.get("axis", (-1, (m,)))
        self.lead = tuple(lead) if int(np.prod(lead)) == m else (m,)  # a witness that was made smaller has other rows
        if not -len(self.lead) - 1 <= self.axis <= len(self.lead):
            self.axis = -1
        self.given = {**given, "axis": (self.axis, self.lead)} if "axis" in given else given

    def folded(self, rows: np.ndarray) -> np.ndarray:
        """(m, C) values with the classes on their axis."""
        whole = rows.reshape(*self.lead, rows.shape[1])
        return np.ascontiguousarray(np.moveaxis(whole, -1, self.axis))

    def argument(self, name: str) -> tuple[Array, np.ndarray]:
        """An argument as it travels, and as an array."""
        if name == "x":
            if "axis" not in self.given:
                return self.inputs.logits(), np.asarray(self.inputs.x)
            x = self.folded(np.asarray(self.inputs.x))
            return option_arrays.place(x, self.case.layout, self.case, self.fmt), x
        if name == "labels":
            return self._labels()
        if name == "upstream":
            return self.array(name, self.given.get(name, ("random", "C")))
        return self._linear(name)

    def _labels(self) -> tuple[Array, np.ndarray]:
        labels = self.inputs.labels.reshape(self.lead).copy()
        if "ignore_index" in self.given:
            labels = self._with_ignored(labels)
        return Array.of(labels), labels

    def _with_ignored(self, labels: np.ndarray) -> np.ndarray:
        """The labels, some of them replaced by the one that is ignored."""
        index, which = self.given["ignore_index"]
        flat = labels.reshape(-1)
        choose: dict[str, Any] = {
            "none": [],
            "first": [0],
            "last": [-1],
            "all": slice(None),
            "others": slice(1, None),
            "some": slice(None, None, 2),
        }
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
        elif name == OUT and not by_class:
            shape = (m,)
        made = option_arrays.values(name, rule, self._context(name, shape), self.fmt)
        if name == "upstream" and self.operation == "log_softmax_vjp":
            made = np.where(self._present(), made, np.zeros((), made.dtype))
        made = self.folded(made) if made.ndim == 2 else made.reshape(self.lead) if shape == (m,) else made
        return option_arrays.place(made, "C" if layout == SCALAR else layout, self.case, self.fmt), made

    def _context(self, name: str, shape: tuple[int, ...]) -> RuleContext:
        """What the rule of an array-valued option may look at."""
        return RuleContext(
            case=self.case,
            x=self.inputs.exact,
            labels=self.inputs.indices,
            shape=shape,
            rng=generator(self.case, name),
        )

    def _present(self) -> np.ndarray:
        """Classes whose log-probability is a number: what -inf is multiplied by must be 0."""
        here = np.isfinite(self.inputs.exact)
        if "mask" in self.given:
            rule, _ = self.given["mask"]
            here &= option_arrays.values("mask", rule, self._context("mask", self.inputs.exact.shape), self.fmt)
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
