"""The rows of a shape by number: every row of C classes in a format, or every row [x, 0].

Row i of all rows of C classes has the digits of i in base 2^n, the last class the lowest, and digit k is the k-th bit
pattern in the order of its value (`softcert_oracle.exhaustive.ranks`; in formats above 16 bits the bit pattern k
itself). Operations with labels have each row once for every label: the label is the highest digit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.exhaustive.ranks import ranks
from softcert_oracle.numbers import formats

SHAPES = ("all", "zero")
"""All rows of C classes; the rows [x, 0]."""

MOST_BITS = 40
"""More rows than 2^40 take years."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A finite set of inputs of one operation.

    Parameters
    ----------
    operation
        A core operation, by its name.
    format
        The format of the logits, by name.
    classes
        C, at least 1.
    kind
        "all": every row of C classes, NaN and infinities included. "zero": the rows [x, 0] for every x; C is 2.

    Raises
    ------
    UsageError
        For an operation that is not a core one, and for more than 2^40 rows.

    Examples
    --------
    >>> Shape(operation="softmax", format="bfloat16", classes=2).rows == 2**32
    True
    """

    operation: str
    format: str
    classes: int
    kind: str = "all"

    def __post_init__(self) -> None:
        name = operations.lookup(self.operation).name
        if name not in operations.CORE:
            raise unknown("core operation", self.operation, operations.CORE)
        object.__setattr__(self, "operation", name)
        if self.kind not in SHAPES:
            raise unknown("shape", self.kind, SHAPES)
        bits = formats.lookup(self.format).bits
        if isinstance(self.classes, bool) or not isinstance(self.classes, int) or self.classes < 1:
            raise UsageError(f"classes={self.classes!r}: give a whole number of at least 1.")
        if self.kind == "zero" and self.classes != 2:
            raise UsageError(f"classes={self.classes!r}: the shape 'zero' is [x, 0]. Give 2 classes.")
        digits = 1 if self.kind == "zero" else self.classes
        if bits * digits > MOST_BITS:
            raise UsageError(
                f"{self.classes} classes in {self.format} are 2^{bits * digits} rows: give a shape of at most "
                f"2^{MOST_BITS}, such as 2 classes in 16 bits, 3 in 8 bits, or --shape zero in float32."
            )

    @property
    def bits(self) -> int:
        """Bits of the number of rows of each label."""
        return formats.lookup(self.format).bits * (1 if self.kind == "zero" else self.classes)

    @property
    def labelled(self) -> bool:
        """Whether the operation takes labels."""
        return operations.lookup(self.operation).takes_labels

    @property
    def rows(self) -> int:
        """How many inputs there are, labels included."""
        return (self.classes if self.labelled else 1) << self.bits

    def build(self, low: int, high: int) -> tuple[NDArray[np.generic], NDArray[np.int64] | None]:
        """The inputs with the numbers low to high - 1.

        Returns
        -------
        x, labels
            Logits (m, C) in the format; labels int64 (m,), or None.
        """
        if not 0 <= low <= high <= self.rows:
            raise UsageError(f"rows {low} to {high}: give numbers from 0 to {self.rows}.")
        number = np.arange(low, high, dtype=np.int64)
        format = formats.lookup(self.format)
        codes = np.zeros((high - low, self.classes), format.unsigned)
        mask = (1 << format.bits) - 1
        table = ranks(self.format).codes if format.bits <= 16 else None
        digits = (0,) if self.kind == "zero" else range(self.classes)
        for place, j in enumerate(reversed(digits)):
            digit = (number >> (format.bits * place)) & mask
            codes[:, j] = digit if table is None else table[digit]
        return codes.view(format.dtype), number >> self.bits if self.labelled else None
