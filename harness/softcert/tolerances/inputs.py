"""The inputs that a check compares on: logits of one law, or a file's, with labels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers import formats

LAWS = ("normal", "uniform")
"""Standard normal logits, and logits that are uniform on [0, 1): torch.randn and torch.rand."""

_ELEMENTS = 2_000_000  # logits of all draws together
_DRAWS = 5


@dataclass(frozen=True, eq=False, kw_only=True)
class Draw:
    """Logits (m, C) of a format, and labels int64 (m,)."""

    x: np.ndarray
    labels: np.ndarray

    def arguments(self, operation: str) -> tuple[np.ndarray, ...]:
        """Copies of what the operation takes."""
        labelled = operations.lookup(operation).takes_labels
        return (self.x.copy(), self.labels.copy()) if labelled else (self.x.copy(),)


def draw(law: str, format: str, rows: int, classes: int, seed: int) -> Draw:
    """Seeded logits of a law, rounded to a format.

    Raises
    ------
    UsageError
        For a law that is none of `LAWS`.
    """
    if law not in LAWS:
        raise unknown("inputs", law, (*LAWS, "FILE.npy", "FILE.npz"))
    rng = np.random.default_rng([seed, rows, classes])
    x = rng.standard_normal((rows, classes)) if law == "normal" else rng.random((rows, classes))
    return Draw(x=x.astype(formats.lookup(format).dtype), labels=rng.integers(0, classes, rows))


def draws(inputs: str, format: str, rows: int, classes: int) -> list[Draw]:
    """The draws that a tolerance is derived from: up to five of a law, or the one of a file.

    Parameters
    ----------
    inputs
        A name of `LAWS`, or the path of a .npy file with logits (m, C), or of a .npz file with ``x`` and ``labels``.
    format, rows, classes
        As for `draw`; rows and classes of a file are its own.
    """
    if inputs.endswith((".npy", ".npz")):
        return [_of_file(Path(inputs), format)]
    count = max(1, min(_DRAWS, _ELEMENTS // max(1, rows * classes)))
    return [draw(inputs, format, rows, classes, seed) for seed in range(count)]


def _of_file(path: Path, format: str) -> Draw:
    try:
        loaded = np.load(path, allow_pickle=False)
        x = np.asarray(loaded if isinstance(loaded, np.ndarray) else loaded["x"])
        labels = None if isinstance(loaded, np.ndarray) or "labels" not in loaded else np.asarray(loaded["labels"])
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"inputs={str(path)!r} cannot be read: {error}. Give a .npy, or a .npz with x.") from None
    if x.ndim != 2 or x.dtype.kind not in "fV" or not x.size:
        raise UsageError(f"inputs={str(path)!r} holds {x.dtype} of shape {x.shape}: give logits of shape (m, C).")
    if labels is None:
        labels = np.random.default_rng(0).integers(0, x.shape[1], len(x))
    if labels.shape != (len(x),) or labels.dtype.kind not in "iu" or not 0 <= labels.min() <= labels.max() < x.shape[1]:
        raise UsageError(f"inputs={str(path)!r}: labels must be class indices, one for each of {len(x)} rows.")
    return Draw(x=x.astype(formats.lookup(format).dtype), labels=labels.astype(np.int64))
