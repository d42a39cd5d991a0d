"""The one table of operations: names, arguments, results and options.

Resolver, oracle, limits, cases, properties, command line and documentation are all driven from it, so
an operation (or an option) is added here and nowhere else by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from softcert_oracle.errors import unknown


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One argument of an operation, with its shape in terms of m and C (and K for features)."""

    name: str
    kind: str  # "values" (floating point, in the judged format), "labels" (integers), "mask" (booleans)
    shape: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option that an operation may take, named as in torch.nn.functional.cross_entropy."""

    name: str
    kind: str  # "array", "scalar", "choice"
    meaning: str
    shape: str = ""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation over the last axis of x, shape (m, C), unless the option ``axis`` says otherwise.

    Parameters
    ----------
    name
        As in torch.nn.functional where it exists there.
    arguments
        In the order in which implementations take them.
    result
        The shape of the result: "(m, C)", "(m,)" or "()"; several shapes with commas between for several results.
    formula, summary
        The definition, and what the operation is in a few words.
    options
        Names in `OPTIONS`.
    derivative_of
        The operation whose derivative it is.
    aliases
        Other names that lead to it.
    """

    name: str
    arguments: tuple[Argument, ...]
    result: str  # "(m, C)", "(m,)" or "()"
    formula: str
    summary: str
    options: tuple[str, ...] = ()
    derivative_of: str | None = None
    aliases: tuple[str, ...] = ()

    @property
    def takes_labels(self) -> bool:
        """Whether class labels are among its arguments."""
        return any(a.kind == "labels" for a in self.arguments)

    @property
    def takes_vectors(self) -> bool:
        """Whether a vector for each row, the upstream gradient, is among its arguments (not an option)."""
        return any(a.name == "upstream" for a in self.arguments)

    @property
    def takes_features(self) -> bool:
        """Whether its logits are those of a linear layer: features, weights and a bias are its arguments."""
        return any(a.name == "X" for a in self.arguments)

    @property
    def takes_logits_alone(self) -> bool:
        """Whether logits, and perhaps labels, are all that it takes: then any case makes a call of it."""
        return {a.name for a in self.arguments} <= {"x", "labels"}


_X = Argument(name="x", kind="values", shape="(m, C)", meaning="logits")
_LABELS = Argument(name="labels", kind="labels", shape="(m,)", meaning="class indices")
_UPSTREAM = Argument(name="upstream", kind="values", shape="(m, C)", meaning="gradient of a later scalar by the result")
_LINEAR = (
    Argument(name="X", kind="values", shape="(m, K)", meaning="features"),
    Argument(name="W", kind="values", shape="(C, K)", meaning="weights, as in torch.nn.Linear"),
    Argument(name="b", kind="values", shape="(C,)", meaning="bias"),
    _LABELS,
)

_SHAPED = ("axis", "temperature", "mask", "out")
_LOSS = (
    "reduction",
    "weight",
    "ignore_index",
    "label_smoothing",
    "targets",
    "axis",
    "temperature",
    "mask",
    "softcap",
    "z_loss",
    "upstream",
)

OPTIONS: Mapping[str, Option] = MappingProxyType(
    {
        o.name: o
        for o in (
            Option(name="reduction", kind="choice", meaning="how the losses of the rows are joined: mean, sum or none"),
            Option(
                name="weight",
                kind="array",
                meaning="a factor for each class; the mean divides by their sum",
                shape="(C,)",
            ),
            Option(name="ignore_index", kind="scalar", meaning="rows with this label count for nothing"),
            Option(name="label_smoothing", kind="scalar", meaning="eps: the target becomes (1 - eps) t + eps / C"),
            Option(name="targets", kind="array", meaning="class probabilities in the place of labels", shape="(m, C)"),
            Option(name="axis", kind="scalar", meaning="the axis of the classes, in an array of any rank"),
            Option(name="temperature", kind="scalar", meaning="softmax(x / T)"),
            Option(
                name="mask",
                kind="array",
                meaning="True where a class takes part; the others count as -inf",
                shape="(m, C)",
            ),
            Option(name="softcap", kind="scalar", meaning="x becomes cap * tanh(x / cap)"),
            Option(name="z_loss", kind="scalar", meaning="adds z * logsumexp(x)^2 to the loss of each row"),
            Option(name="out", kind="array", meaning="the array that the result is written to", shape="(m, C)"),
            Option(name="upstream", kind="array", meaning="a gradient by the result that multiplies from the left"),
        )
    }
)

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        o.name: o
        for o in (
            Operation(
                name="softmax",
                arguments=(_X,),
                result="(m, C)",
                formula="p_j = exp(x_j) / sum_k exp(x_k)",
                summary="probabilities from logits",
                options=_SHAPED,
                aliases=("soft_max", "softargmax"),
            ),
            Operation(
                name="log_softmax",
                arguments=(_X,),
                result="(m, C)",
                formula="l_j = x_j - log sum_k exp(x_k)",
                summary="log-probabilities from logits",
                options=_SHAPED,
                aliases=("logsoftmax",),
            ),
            Operation(
                name="logsumexp",
                arguments=(_X,),
                result="(m,)",
                formula="y = log sum_k exp(x_k)",
                summary="logarithm of the sum of exponentials",
                options=_SHAPED,
                aliases=("log_sum_exp", "lse"),
            ),
            Operation(
                name="cross_entropy",
                arguments=(_X, _LABELS),
                result="()",
                formula="L = mean_i -log p_{i, y_i}",
                summary="mean negative log-likelihood of the labels",
                options=_LOSS,
                aliases=(
                    "crossentropy",
                    "softmax_cross_entropy",
                    "xent",
                    "ce_loss",
                    "cross_entropy_loss",
                    "nll_of_logits",
                ),
            ),
            Operation(
                name="cross_entropy_grad",
                arguments=(_X, _LABELS),
                result="(m, C)",
                formula="g = (p - t) / m",
                summary="gradient of the reduced cross-entropy by the logits",
                options=_LOSS,
                derivative_of="cross_entropy",
                aliases=(
                    "grad_cross_entropy",
                    "cross_entropy_backward",
                    "crossentropy_grad",
                    "softmax_cross_entropy_grad",
                ),
            ),
            Operation(
                name="softmax_vjp",
                arguments=(_X, _UPSTREAM),
                result="(m, C)",
                formula="v_i = p_i (w_i - sum_j p_j w_j)",
                summary="vector-Jacobian product of softmax",
                options=("axis", "temperature", "mask"),
                derivative_of="softmax",
                aliases=("softmax_backward", "softmax_grad"),
            ),
            Operation(
                name="log_softmax_vjp",
                arguments=(_X, _UPSTREAM),
                result="(m, C)",
                formula="v_i = w_i - p_i sum_j w_j",
                summary="vector-Jacobian product of log-softmax",
                options=("axis", "temperature", "mask"),
                derivative_of="log_softmax",
                aliases=("log_softmax_backward", "log_softmax_grad"),
            ),
            Operation(
                name="cross_entropy_hvp",
                arguments=(_X, _LABELS, _UPSTREAM),
                result="(m, C)",
                formula="h_i = p_i (w_i - sum_j p_j w_j) / m",
                summary="Hessian-vector product of the reduced cross-entropy, its second derivative by the logits",
                options=("reduction",),
                derivative_of="cross_entropy_grad",
                aliases=("hessian_vector_product", "cross_entropy_grad_vjp", "cross_entropy_double_backward"),
            ),
            Operation(
                name="linear_cross_entropy",
                arguments=_LINEAR,
                result="()",
                formula="L = cross_entropy(X W^T + b, labels)",
                summary="cross-entropy of a linear layer",
                options=("reduction",),
                aliases=("fused_linear_cross_entropy",),
            ),
            Operation(
                name="linear_cross_entropy_grad",
                arguments=_LINEAR,
                result="(m, K), (C, K), (C,)",
                formula="dX = G W, dW = G^T X, db = sum_i G_i",
                summary="gradients of linear_cross_entropy by X, W and b",
                options=("reduction",),
                derivative_of="linear_cross_entropy",
            ),
        )
    }
)

CORE = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad")
"""The five operations that every subject is offered by default."""

REDUCTIONS = ("mean", "sum", "none")


def lookup(name: str) -> Operation:
    """The operation of that name or alias.

    Raises
    ------
    UsageError
        For any other name; the message has the nearest one.

    Examples
    --------
    >>> lookup("lse").name
    'logsumexp'
    """
    if name in OPERATIONS:
        return OPERATIONS[name]
    for operation in OPERATIONS.values():
        if name in operation.aliases:
            return operation
    raise unknown("operation", name, OPERATIONS)
