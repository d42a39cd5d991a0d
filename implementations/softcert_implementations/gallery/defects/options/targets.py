"""Defects of label smoothing and of class probabilities as targets: the mass of the target is wrong or ignored.

Options are named and defined as in torch.nn.functional.cross_entropy; a model takes the one option that it gets wrong.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.defects.arithmetic.epsilon import LOG_OF_SOFTMAX
from softcert_implementations.gallery.defects.formula.loss import ZERO_TIMES_INF
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal, rows

SMOOTHED = Family("smoothing mass wrong", "The target is (1 - eps) onehot + eps / C: it adds up to 1.")
SOFT = Family("target sum ignored", "The gradient is p * sum(t) - t, the loss -sum(t * log p).")

_SMOOTH = normal(3, 4, labels=[0, 1, 3], label_smoothing=0.1)


@LOG_OF_SOFTMAX.defect(
    "float32",
    option="label_smoothing",
    trigger="label_smoothing > 0 and a logit > 103 below the maximum",
    behaves="takes the log of underflowed probabilities in the smoothing term: inf",
    witness=rows([0, -110], label_smoothing=0.1),
    reference="NVIDIA/Megatron-LM#5522",
)
def cross_entropy_smoothing_log_of_softmax(x: Array, labels: Array, *, label_smoothing: float = 0.0) -> Any:
    eps = np.float32(label_smoothing)
    each = textbook.losses(x, labels)
    return textbook.mean((1 - eps) * each - eps * np.log(textbook.softmax(x)).mean(-1) if eps else each, x)


@ZERO_TIMES_INF.defect(
    "float32",
    option="label_smoothing",
    trigger="eps = 0 and a -inf logit",
    behaves="evaluates the smoothing term even for eps = 0: 0 * -inf = NaN",
    witness=rows([0, 1, -np.inf], label_smoothing=0.0),
    reference="candle-org/MindAct#1633",
)
def cross_entropy_smoothing_of_zero(x: Array, labels: Array, *, label_smoothing: float = 0.0) -> Any:
    eps = np.float32(label_smoothing)
    return textbook.mean((1 - eps) * textbook.losses(x, labels) - eps * textbook.log_softmax(x).mean(-1), x)


def _smoothed(x: Array, labels: Array, on: float, off: float) -> Any:
    """The loss with ``on`` at the label and ``off`` at the other classes."""
    table = textbook.log_softmax(x)
    t = np.where(textbook.one_hot(labels, x) == 1, x.dtype.type(on), x.dtype.type(off))
    return textbook.mean(-np.where(t == 0, 0, t * table).sum(-1), x)


@SMOOTHED.defect(
    "float32",
    option="label_smoothing",
    trigger="label_smoothing > 0, small C",
    behaves="spreads eps over the C - 1 other classes, eps / (C - 1) each, and keeps 1 - eps at the label",
    witness=_SMOOTH,
    reference="fastai/fastai#1814",
    debated=True,
)
def cross_entropy_smoothing_over_others(x: Array, labels: Array, *, label_smoothing: float = 0.0) -> Any:
    return _smoothed(x, labels, 1 - label_smoothing, label_smoothing / max(x.shape[1] - 1, 1))


@SMOOTHED.defect(
    "float32",
    option="label_smoothing",
    trigger="label_smoothing > 0",
    behaves="spreads eps with weight eps / (C - 2): the targets add up to more than 1",
    witness=_SMOOTH,
    reference="Thijsvanede/DeepCASE#8",
)
def cross_entropy_smoothing_over_too_few(x: Array, labels: Array, *, label_smoothing: float = 0.0) -> Any:
    return _smoothed(x, labels, 1 - label_smoothing, label_smoothing / max(x.shape[1] - 2, 1))


@SMOOTHED.defect(
    "float32",
    option="label_smoothing",
    trigger="label_smoothing > 0",
    behaves="gives the other classes (1 - eps) / C instead of eps / C",
    witness=_SMOOTH,
    reference="paiml/aprender#2199",
)
def cross_entropy_smoothing_swapped(x: Array, labels: Array, *, label_smoothing: float = 0.0) -> Any:
    C, eps = max(x.shape[1], 1), label_smoothing
    return _smoothed(x, labels, 1 - eps + eps / C, (1 - eps) / C if eps else 0.0)


@SMOOTHED.defect(
    "float32",
    option="label_smoothing",
    trigger="label_smoothing > 0",
    behaves="adds eps / C without scaling the target by 1 - eps",
    witness=_SMOOTH,
    reference="eladhoffer/utils.pytorch#13",
)
def cross_entropy_smoothing_added_on_top(x: Array, labels: Array, *, label_smoothing: float = 0.0) -> Any:
    C = max(x.shape[1], 1)
    return _smoothed(x, labels, 1 + label_smoothing / C, label_smoothing / C)


@SMOOTHED.defect(
    "float32",
    option="label_smoothing",
    trigger="label_smoothing > 0",
    behaves="smooths the loss and forgets to smooth its gradient",
    witness=_SMOOTH,
)
def cross_entropy_grad_not_smoothed(x: Array, labels: Array, *, label_smoothing: float = 0.0) -> Array:
    return textbook.cross_entropy_grad(x, labels)


@SMOOTHED.defect(
    "float32",
    option="label_smoothing",
    trigger="label_smoothing > 0",
    behaves="takes eps off the label and gives it to nobody",
    witness=_SMOOTH,
)
def cross_entropy_smoothing_mass_lost(x: Array, labels: Array, *, label_smoothing: float = 0.0) -> Any:
    return _smoothed(x, labels, 1 - label_smoothing, 0.0)


_TARGETS = [[0.5, 0.25, 0.0], [0.0, 0.0, 0.0]]


@ZERO_TIMES_INF.defect(
    "float32",
    option="targets",
    trigger="a -inf logit with target probability 0",
    behaves="takes -sum(t * log_softmax) with 0 * -inf inside",
    witness=rows([0, 1, -np.inf], targets=[[0.5, 0.5, 0.0]]),
    reference="google-deepmind/optax#896",
)
def cross_entropy_targets_times_log(x: Array, labels: Array | None = None, *, targets: Array | None = None) -> Any:
    t = targets if targets is not None else textbook.one_hot(np.asarray(labels), x)
    return textbook.mean(-np.where((t == 0) & np.isfinite(x), 0, t * textbook.log_softmax(x)).sum(-1), x)


@SOFT.defect(
    "float32",
    option="targets",
    trigger="targets that do not add up to 1",
    behaves="takes lse - sum(t * x), right only for targets that add up to 1",
    witness=normal(2, 3, targets=_TARGETS),
    reference="microsoft/LMOps#157",
    debated=True,
)
def cross_entropy_target_sum_taken_for_one(
    x: Array, labels: Array | None = None, *, targets: Array | None = None
) -> Any:
    t = targets if targets is not None else textbook.one_hot(np.asarray(labels), x)
    d = x - textbook.row_max(x)
    return textbook.mean(textbook.log_sum(x)[:, 0] - np.where(t == 0, 0, t * d).sum(-1), x)


@SOFT.defect(
    "float32",
    option="targets",
    trigger="targets that do not add up to 1, such as a row of zeros",
    behaves="returns p - t instead of p * sum(t) - t",
    witness=normal(2, 3, targets=_TARGETS),
    reference="NVIDIA-NeMo/Automodel#2428, kvark/meganeura#102",
)
def cross_entropy_grad_target_sum_taken_for_one(
    x: Array, labels: Array | None = None, *, targets: Array | None = None
) -> Array:
    t = targets if targets is not None else textbook.one_hot(np.asarray(labels), x)
    return (textbook.softmax(x) - t) / textbook.count(x)


@SOFT.defect(
    "float32",
    option="targets",
    trigger="targets with more than one class",
    behaves="takes the class of the largest target for the label",
    witness=normal(2, 3, targets=[[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]),
)
def cross_entropy_hardest_target(x: Array, labels: Array | None = None, *, targets: Array | None = None) -> Any:
    return textbook.cross_entropy(x, targets.argmax(-1) if targets is not None else np.asarray(labels))


FAMILIES = (SMOOTHED, SOFT)
