"""Defects of the options that shape the logits: temperature, mask, axis, soft cap and z-loss.

A temperature of 1, a mask that keeps everything, the last axis: the defaults hide all of them.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal, rows

TEMPERATURE = Family("temperature misapplied", "Divide the logits by T, once, before the softmax; gradients by T too.")
MASK = Family("mask semantics", "Give masked classes -inf before the maximum is taken: probability 0, log -inf.")
AXIS = Family("axis option ignored", "Move the given axis to the end, compute, and move it back.")
SOFTCAP = Family("soft cap misapplied", "Use cap * tanh(x / cap), and 1 - tanh^2 in its gradient.")
Z_LOSS = Family("z-loss misapplied", "Add z * lse^2 to each row's loss, and 2 z lse p to its gradient.")

_HOT = normal(2, 4, temperature=2.0)
_HALF_MASKED = normal(2, 4, mask=[[True, True, False, True], [False, True, True, True]])
_BIG_MASKED = rows([0.0, 1.0, 200.0], mask=[[True, True, False]])


@TEMPERATURE.defect(
    "float32",
    option="temperature",
    trigger="T != 1",
    behaves="takes softmax(x / T^2)",
    witness=_HOT,
    reference="RL-Align/RL-Kernel#86",
)
def softmax_temperature_squared(x: Array, *, temperature: float = 1.0) -> Array:
    return textbook.softmax(x / x.dtype.type(temperature * temperature))


@TEMPERATURE.defect(
    "float32",
    option="temperature",
    trigger="T != 1",
    behaves="takes softmax(x * T)",
    witness=_HOT,
    reference="bowang-lab/BLEEP#5",
)
def softmax_temperature_multiplied(x: Array, *, temperature: float = 1.0) -> Array:
    return textbook.softmax(x * x.dtype.type(temperature))


@TEMPERATURE.defect(
    "float32",
    option="temperature",
    trigger="T != 1",
    behaves="takes log_softmax(x) / T, which is not normalised",
    witness=_HOT,
    reference="MoonshotAI/Kimi-Audio#161",
)
def log_softmax_temperature_after(x: Array, *, temperature: float = 1.0) -> Array:
    return textbook.log_softmax(x) / x.dtype.type(temperature)


@TEMPERATURE.defect("float32", option="temperature", trigger="T != 1", behaves="ignores the temperature", witness=_HOT)
def logsumexp_temperature_ignored(x: Array, *, temperature: float = 1.0) -> Array:
    return textbook.logsumexp(x)


@TEMPERATURE.defect(
    "float32", option="temperature", trigger="T != 1", behaves="forgets the factor 1/T of the chain rule", witness=_HOT
)
def cross_entropy_grad_temperature_not_chained(x: Array, labels: Array, *, temperature: float = 1.0) -> Array:
    return textbook.cross_entropy_grad(x / x.dtype.type(temperature), labels)


@TEMPERATURE.defect(
    "float32", option="temperature", trigger="T != 1", behaves="forgets the factor 1/T of the chain rule", witness=_HOT
)
def softmax_vjp_temperature_not_chained(x: Array, upstream: Array, *, temperature: float = 1.0) -> Array:
    p = textbook.softmax(x / x.dtype.type(temperature))
    return p * (upstream - (p * upstream).sum(-1, keepdims=True))


@TEMPERATURE.defect(
    "float32",
    option="temperature",
    trigger="T < 1: x / T overflows before the maximum is subtracted",
    behaves="shifts by the maximum of the undivided logits",
    witness=rows([100.0, 99.0], temperature=0.25),
)
def softmax_temperature_after_shift_of_x(x: Array, *, temperature: float = 1.0) -> Array:
    return textbook.divided(np.exp(x / x.dtype.type(temperature) - textbook.row_max(x)))


def _masked(x: Array, mask: Array | None, value: float) -> Array:
    return x if mask is None else np.where(mask, x, x.dtype.type(value))


@MASK.defect(
    "float32",
    option="mask",
    trigger="any masked entry",
    behaves="gives masked entries the log-probability 0, that is probability 1",
    witness=_HALF_MASKED,
    reference="apache/mxnet#19703",
)
def log_softmax_masked_are_zero(x: Array, *, mask: Array | None = None) -> Array:
    table = textbook.log_softmax(_masked(x, mask, -np.inf))
    return table if mask is None else np.where(mask, table, 0).astype(x.dtype)


@MASK.defect(
    "float32",
    option="mask",
    trigger="any masked entry",
    behaves="uses the mask in maximum and sum only: masked entries keep a finite log-probability",
    witness=_HALF_MASKED,
    reference="jax-ml/jax#16208",
)
def log_softmax_mask_in_sum_only(x: Array, *, mask: Array | None = None) -> Array:
    masked = _masked(x, mask, -np.inf)
    return (x - textbook.row_max(masked)) - textbook.log_sum(masked)


@MASK.defect(
    "float32",
    option="mask",
    trigger="any masked entry, most in a row that is masked altogether",
    behaves="adds -1e30 for a mask instead of -inf: finite, and uniform for a row that is masked altogether",
    witness=_HALF_MASKED,
    debated=True,
)
def log_softmax_mask_minus_1e30(x: Array, *, mask: Array | None = None) -> Array:
    return textbook.log_softmax(x if mask is None else x + np.where(mask, 0, -1e30).astype(x.dtype))


@MASK.defect(
    "float32", option="mask", trigger="any masked entry", behaves="keeps what the mask excludes", witness=_HALF_MASKED
)
def softmax_mask_inverted(x: Array, *, mask: Array | None = None) -> Array:
    return textbook.softmax(x if mask is None else _masked(x, ~mask, -np.inf))


@MASK.defect(
    "float32",
    option="mask",
    trigger="any masked entry",
    behaves="sets masked probabilities to 0 without normalising again",
    witness=_HALF_MASKED,
)
def softmax_masked_after(x: Array, *, mask: Array | None = None) -> Array:
    p = textbook.softmax(x)
    return p if mask is None else np.where(mask, p, 0).astype(x.dtype)


@MASK.defect(
    "float32",
    option="mask",
    trigger="any masked entry",
    behaves="multiplies the logits by the mask: masked classes count as logit 0",
    witness=_HALF_MASKED,
)
def softmax_masked_as_zero(x: Array, *, mask: Array | None = None) -> Array:
    return textbook.softmax(_masked(x, mask, 0.0))


@MASK.defect(
    "float32",
    option="mask",
    trigger="a masked logit more than 104 above the others",
    behaves="takes the maximum over masked entries too: 0/0 where a masked logit is far above",
    witness=_BIG_MASKED,
)
def softmax_masked_in_the_maximum(x: Array, *, mask: Array | None = None) -> Array:
    e = textbook.shifted_exp(x)
    return textbook.divided(e if mask is None else np.where(mask, e, 0).astype(x.dtype))


@MASK.defect(
    "float32",
    option="mask",
    trigger="any masked entry",
    behaves="leaves p in the gradient of masked classes",
    witness=_HALF_MASKED,
)
def cross_entropy_grad_masked_classes_pushed(x: Array, labels: Array, *, mask: Array | None = None) -> Array:
    masked = _masked(x, mask, -np.inf)
    p = np.exp((x - textbook.row_max(masked)) - textbook.log_sum(masked))
    return textbook.gradient(p, labels, x)


@AXIS.defect(
    "float32",
    option="axis",
    trigger="any axis but the last",
    behaves="ignores the axis and takes the last",
    witness=normal(3, 4, axis=0),
)
def softmax_axis_ignored(x: Array, *, axis: int = -1) -> Array:
    return textbook.softmax(x)


@AXIS.defect(
    "float32",
    option="axis",
    trigger="a negative axis other than -1",
    behaves="takes the absolute value of a negative axis: -2 becomes the last of three",
    witness=lambda fmt: {"x": normal(6, 4)(fmt)["x"].reshape(2, 3, 4), "axis": -2},
)
def log_softmax_axis_absolute(x: Array, *, axis: int = -1) -> Array:
    taken = -1 if axis == -1 else abs(axis)
    shift = x - x.max(taken, keepdims=True)
    return shift - np.log(np.exp(shift).sum(taken, keepdims=True))


@AXIS.defect(
    "float32",
    option="axis",
    trigger="an array of rank 3 with an axis in the middle",
    behaves="moves the axis to the end and forgets to move it back",
    witness=lambda fmt: {"x": normal(6, 4)(fmt)["x"].reshape(2, 3, 4), "axis": 1},
)
def softmax_axis_not_moved_back(x: Array, *, axis: int = -1) -> Array:
    moved = np.moveaxis(x, axis, -1)
    e = np.exp(moved - moved.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@SOFTCAP.defect(
    "float32",
    option="softcap",
    trigger="any soft cap",
    behaves="forgets 1 - tanh^2 in the gradient",
    witness=normal(2, 4, 3.0, softcap=5.0),
)
def cross_entropy_grad_softcap_not_chained(x: Array, labels: Array, *, softcap: float | None = None) -> Array:
    return textbook.cross_entropy_grad(softcap * np.tanh(x / softcap) if softcap else x, labels)


@SOFTCAP.defect(
    "float32",
    option="softcap",
    trigger="any soft cap",
    behaves="clips the logits at the cap, with no tanh",
    witness=normal(2, 4, 3.0, softcap=5.0),
)
def cross_entropy_softcap_clipped(x: Array, labels: Array, *, softcap: float | None = None) -> Any:
    return textbook.cross_entropy(np.clip(x, -softcap, softcap).astype(x.dtype) if softcap else x, labels)


@SOFTCAP.defect(
    "float32",
    option="softcap",
    trigger="any soft cap",
    behaves="forgets to multiply by the cap again: tanh(x / cap)",
    witness=normal(2, 4, 3.0, softcap=5.0),
)
def cross_entropy_softcap_not_scaled_back(x: Array, labels: Array, *, softcap: float | None = None) -> Any:
    return textbook.cross_entropy(np.tanh(x / np.float32(softcap)) if softcap else x, labels)


@Z_LOSS.defect(
    "float32",
    option="z_loss",
    trigger="rows with different log-sum-exps",
    behaves="squares the mean log-sum-exp instead of averaging the squares",
    witness=rows([0, 1], [5, 6], z_loss=0.1),
)
def cross_entropy_z_loss_of_the_mean(x: Array, labels: Array, *, z_loss: float = 0.0) -> Any:
    return (textbook.cross_entropy(x, labels) + np.float32(z_loss) * textbook.logsumexp(x).mean() ** 2).astype(x.dtype)


@Z_LOSS.defect(
    "float32",
    option="z_loss",
    trigger="any z-loss",
    behaves="adds the z-loss to the loss and not to its gradient",
    witness=normal(2, 4, z_loss=0.1),
)
def cross_entropy_grad_without_z_loss(x: Array, labels: Array, *, z_loss: float = 0.0) -> Array:
    return textbook.cross_entropy_grad(x, labels)


@Z_LOSS.defect(
    "float32",
    option="z_loss",
    trigger="any z-loss",
    behaves="forgets the factor 2 of the square's derivative",
    witness=normal(2, 4, z_loss=0.1),
)
def cross_entropy_grad_z_loss_halved(x: Array, labels: Array, *, z_loss: float = 0.0) -> Array:
    m = np.float32(max(len(x), 1))
    return (
        textbook.cross_entropy_grad(x, labels)
        + np.float32(z_loss) * textbook.logsumexp(x)[:, None] * textbook.softmax(x) / m
    )


FAMILIES = (TEMPERATURE, MASK, AXIS, SOFTCAP, Z_LOSS)
