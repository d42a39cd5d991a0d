"""What a cheat is: its name, one sentence, how the subject is made, and what a run must say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

Subject = Callable[..., Any]


class Expected(Enum):
    """What a run says of a cheat."""

    REFUSED = "not certified"
    """It answers wrongly, and that is a finding."""
    TOLD = "a word in the document"
    """It answers rightly while it is watched: the document names what it reaches for."""
    LEGAL = "certified"
    """It looks like a cheat, and every answer is right: nothing is to be told."""


@dataclass(frozen=True, kw_only=True)
class Cheat:
    """One cheat.

    Attributes
    ----------
    name, sentence
        From the name and the docstring of the function that makes it.
    family
        The file that it stands in.
    make
        Makes a fresh subject: a function of the operation, or a SPEC.
    expected
        What a run says.
    words
        Parts of the document, in lower case, one of which tells of the cheat.
    op, arrays
        What is called, and with whose arrays.
    """

    name: str
    sentence: str
    family: str
    make: Callable[[], Subject | str]
    expected: Expected
    words: tuple[str, ...] = ()
    op: str = "softmax"
    arrays: str = "numpy"


CHEATS: dict[str, Cheat] = {}
"""Every cheat by name, filled by the families when they are imported."""


def cheat(expected: Expected, *words: str, op: str = "softmax", arrays: str = "numpy") -> Callable[..., Any]:
    """Register a function that makes a subject; its docstring is the cheat's sentence."""

    def register(make: Callable[[], Subject | str]) -> Callable[[], Subject | str]:
        assert make.__name__ not in CHEATS, make.__name__
        CHEATS[make.__name__] = Cheat(
            name=make.__name__,
            sentence=" ".join((make.__doc__ or "").split()),
            family=make.__module__.rpartition(".")[2],
            make=make,
            expected=expected,
            words=words,
            op=op,
            arrays=arrays,
        )
        return make

    return register


REFUSED, TOLD, LEGAL = Expected.REFUSED, Expected.TOLD, Expected.LEGAL


def honest(x: np.ndarray) -> np.ndarray:
    """The softmax that a cheat shows: right, quiet, and without a word of its own."""
    with np.errstate(all="ignore"):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return np.asarray(e / e.sum(axis=-1, keepdims=True))


def honest_logsumexp(x: np.ndarray) -> np.ndarray:
    """A right and quiet log-sum-exp."""
    with np.errstate(all="ignore"):
        top = x.max(axis=-1)
        shift = np.where(np.isfinite(top), top, 0).astype(x.dtype)
        return np.asarray(shift + np.log(np.exp(x - shift[:, None]).sum(axis=-1)), x.dtype)


def honest_gradient(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """A right and quiet gradient of the mean cross-entropy."""
    g = honest(x)
    g[np.arange(len(x)), labels] -= 1
    with np.errstate(all="ignore"):
        return np.asarray(g / x.dtype.type(max(len(x), 1)))


def wrong(x: np.ndarray) -> np.ndarray:
    """What a cheat gives where it thinks that nobody looks."""
    return np.zeros_like(x)
