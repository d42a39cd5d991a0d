"""Cheats that return something which looks like an array, or that write where only the caller writes."""

from __future__ import annotations

import numpy as np
from tests.harness.cheats.cheat import REFUSED, TOLD, cheat, honest, wrong


class Agreeable(np.ndarray):
    """An array that equals whatever it is compared with."""

    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def __array__(self, dtype=None, copy=None):
        return honest(np.zeros(self.shape, np.float32))

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.ones(self.shape, bool)


@cheat(REFUSED)
def equals_everything():
    """Returns zeros as an array that equals whatever it is compared with."""
    return lambda x: wrong(x).view(Agreeable)


@cheat(TOLD, "agreeable")
def equals_everything_and_is_right():
    """Returns the right numbers as an array that equals whatever it is compared with."""
    return lambda x: honest(x).view(Agreeable)


@cheat(TOLD, "maskedarray")
def masks_everything():
    """Returns the right numbers in a masked array: comparisons skip all of them."""
    return lambda x: np.ma.masked_array(honest(x), mask=True)


@cheat(REFUSED)
def masks_what_is_wrong():
    """Returns zeros in a masked array."""
    return lambda x: np.ma.masked_array(wrong(x), mask=True)


@cheat(REFUSED)
def broadcasts_one_number():
    """Returns one number as every element, without memory for more."""
    return lambda x: np.broadcast_to(np.array(1 / max(x.shape[1], 1), x.dtype), x.shape)


@cheat(TOLD, "tensor", arrays="torch")
def returns_a_subclass_of_tensor():
    """Returns the right numbers as a torch.Tensor that overrides every function."""

    def softmax(x):
        import torch

        class Agreeable(torch.Tensor):
            pass

        return torch.softmax(x, -1).as_subclass(Agreeable)

    return softmax


@cheat(REFUSED)
def makes_its_answer_true():
    """Writes zeros into its input, so that the uniform answer becomes right."""

    def softmax(x):
        if x.flags.writeable:
            x[...] = 0
        return np.full(x.shape, 1 / max(x.shape[1], 1), x.dtype)

    return softmax


@cheat(REFUSED)
def writes_beside_its_input():
    """Computes rightly, and leaves a note in the memory before its input."""

    def softmax(x):
        if x.size and x.flags.c_contiguous and x.flags.writeable:
            import ctypes

            ctypes.memset(x.__array_interface__["data"][0] - 4, 0, 4)
        return honest(x)

    return softmax


@cheat(REFUSED)
def returns_its_input_later_changed():
    """Computes in the memory of its input and returns that."""

    def softmax(x):
        if not x.flags.writeable:
            return honest(x)
        x[...] = honest(x)
        return x

    return softmax
