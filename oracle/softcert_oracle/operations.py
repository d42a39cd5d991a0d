"""The one table of operations: names, arguments, results and options.

Resolver, oracle, limits, cases, properties, command line and documentation are all driven from it, so
an operation (or an option) is added here and nowhere else by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from softcert_oracle.errors import unknown


@dataclass(frozen=True)
class Argument:
    """One argument of an operation: its name, what it is and its shape in terms of m, C (and K, V)."""

    name: str
    kind: str  # "values" (floating point, in the judged format), "labels" (integers), "mask" (booleans)
    shape: str
    meaning: str


@dataclass(frozen=True)
class Option:
    """An option that an operation may take, named as in torch.nn.functional.cross_entropy."""

    name: str
    kind: str  # "array", "scalar", "choice"
    meaning: str
    shape: str = ""


@dataclass(frozen=True)
class Operation:
    """One operation: over the last axis of x, shape (m, C), unless the option ``axis`` says otherwise."""

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


_X = Argument("x", "values", "(m, C)", "logits")
_LABELS = Argument("labels", "labels", "(m,)", "class indices")
_UPSTREAM = Argument("upstream", "values", "(m, C)", "gradient of a later scalar by the result")
_LINEAR = (
    Argument("X", "values", "(m, K)", "features"),
    Argument("W", "values", "(C, K)", "weights, as in torch.nn.Linear"),
    Argument("b", "values", "(C,)", "bias"),
    _LABELS,
)

_SHAPED = ("axis", "temperature", "mask", "out")
_LOSS = (
    "reduction", "weight", "ignore_index", "label_smoothing", "targets", "axis", "temperature", "mask",
    "softcap", "z_loss", "upstream",
)  # fmt: skip

OPTIONS: Mapping[str, Option] = MappingProxyType(
    {
        o.name: o
        for o in (
            Option("reduction", "choice", "how the losses of the rows are joined: mean, sum or none"),
            Option("weight", "array", "a factor for each class; the mean divides by their sum", "(C,)"),
            Option("ignore_index", "scalar", "rows with this label count for nothing"),
            Option("label_smoothing", "scalar", "eps: the target becomes (1 - eps) t + eps / C"),
            Option("targets", "array", "class probabilities in the place of labels", "(m, C)"),
            Option("axis", "scalar", "the axis of the classes, in an array of any rank"),
            Option("temperature", "scalar", "softmax(x / T)"),
            Option("mask", "array", "True where a class takes part; the others count as -inf", "(m, C)"),
            Option("softcap", "scalar", "x becomes cap * tanh(x / cap)"),
            Option("z_loss", "scalar", "adds z * logsumexp(x)^2 to the loss of each row"),
            Option("out", "array", "the array that the result is written to", "(m, C)"),
            Option("upstream", "array", "a gradient by the result that multiplies from the left"),
        )
    }
)

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        o.name: o
        for o in (
            Operation(
                "softmax", (_X,), "(m, C)", "p_j = exp(x_j) / sum_k exp(x_k)",
                "probabilities from logits", _SHAPED, None, ("soft_max", "softargmax"),
            ),
            Operation(
                "log_softmax", (_X,), "(m, C)", "l_j = x_j - log sum_k exp(x_k)",
                "log-probabilities from logits", _SHAPED, None, ("logsoftmax",),
            ),
            Operation(
                "logsumexp", (_X,), "(m,)", "y = log sum_k exp(x_k)",
                "logarithm of the sum of exponentials", _SHAPED, None, ("log_sum_exp", "lse"),
            ),
            Operation(
                "cross_entropy", (_X, _LABELS), "()", "L = mean_i -log p_{i, y_i}",
                "mean negative log-likelihood of the labels", _LOSS, None,
                ("crossentropy", "softmax_cross_entropy", "xent", "ce_loss", "cross_entropy_loss", "nll_of_logits"),
            ),
            Operation(
                "cross_entropy_grad", (_X, _LABELS), "(m, C)", "g = (p - t) / m",
                "gradient of the reduced cross-entropy by the logits", _LOSS, "cross_entropy",
                ("grad_cross_entropy", "cross_entropy_backward", "crossentropy_grad", "softmax_cross_entropy_grad"),
            ),
            Operation(
                "softmax_vjp", (_X, _UPSTREAM), "(m, C)", "v_i = p_i (w_i - sum_j p_j w_j)",
                "vector-Jacobian product of softmax", ("axis", "temperature", "mask"), "softmax",
                ("softmax_backward", "softmax_grad"),
            ),
            Operation(
                "log_softmax_vjp", (_X, _UPSTREAM), "(m, C)", "v_i = w_i - p_i sum_j w_j",
                "vector-Jacobian product of log-softmax", ("axis", "temperature", "mask"), "log_softmax",
                ("log_softmax_backward", "log_softmax_grad"),
            ),
            Operation(
                "cross_entropy_hvp", (_X, _LABELS, _UPSTREAM), "(m, C)", "h_i = p_i (w_i - sum_j p_j w_j) / m",
                "Hessian-vector product of the reduced cross-entropy, its second derivative by the logits",
                ("reduction",), "cross_entropy_grad",
                ("hessian_vector_product", "cross_entropy_grad_vjp", "cross_entropy_double_backward"),
            ),
            Operation(
                "linear_cross_entropy", _LINEAR, "()", "L = cross_entropy(X W^T + b, labels)",
                "cross-entropy of a linear layer", ("reduction",), None, ("fused_linear_cross_entropy",),
            ),
            Operation(
                "linear_cross_entropy_grad", _LINEAR, "(m, K), (C, K), (C,)", "dX = G W, dW = G^T X, db = sum_i G_i",
                "gradients of linear_cross_entropy by X, W and b", ("reduction",), "linear_cross_entropy", (),
            ),
        )
    }
)  # fmt: skip

CORE = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad")
"""The five operations that every subject is offered by default."""

REDUCTIONS = ("mean", "sum", "none")


def lookup(name: str) -> Operation:
    """The operation of that name or alias; `UsageError` naming the nearest match otherwise."""
    if name in OPERATIONS:
        return OPERATIONS[name]
    for operation in OPERATIONS.values():
        if name in operation.aliases:
            return operation
    raise unknown("operation", name, OPERATIONS)
