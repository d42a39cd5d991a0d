"""Ask for the truth: exact results in decimal, every printed digit certain, for logits given as text.

What the command ``softcert oracle`` prints. Logits are read exactly, rounded once to a format and taken exactly from
there; the digits come from mpmath at a precision that is raised until they no longer change (`definition`,
`decimal_text`).
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape

from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.mp import decimal_text, definition
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.rounding import round_to

MOST_DIGITS = 4000  # Python converts integers of up to 4300 digits to text
_CAP_FACTOR = 256  # of the first working precision: m + L may cancel 1100 bits, and digits of 1 - p more

_SHOWN, _ROWS = 8, 50  # logits in one line, and rows of a notebook's table

__all__ = ["Answer", "Logit", "answer", "ask", "read"]


@dataclass(frozen=True, kw_only=True)
class Logit:
    """One logit: what was given, the float64 that it was taken as, and whether the two are the same number."""

    given: str
    value: float
    same: bool
    format: str

    @property
    def note(self) -> str:
        """What was taken, where that is not what was given: "" otherwise."""
        if self.same:
            return ""
        if not math.isfinite(self.value):
            return f"{self.given} overflows {self.format} and was taken as {self.value}"
        taken = decimal_text.to_text(Fraction(self.value), 60)
        return f"{self.given} was taken as the {self.format} number {taken} ({self.value.hex()})"


@dataclass(frozen=True, kw_only=True, repr=False)
class Answer:
    """Exact results as decimal text: one for each element (flat), and the logits that they belong to."""

    operation: str
    values: tuple[str, ...]
    scalar: bool
    logits: tuple[Logit, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each logit that the format does not hold as it was given."""
        return tuple(dict.fromkeys(logit.note for logit in self.logits if logit.note))

    def __repr__(self) -> str:
        given = ", ".join(logit.given for logit in self.logits[:_SHOWN])
        values = ", ".join(self.values[:_SHOWN])
        more = ", ..." if len(self.logits) > _SHOWN else ""
        return f"<{self.operation} of [{given}{more}]: {values}{more if not self.scalar else ''}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: a row for each logit and its result, every text escaped."""
        heads = "<tr><th>logit</th><th>exact</th></tr>"
        rows = [(logit.given, value) for logit, value in zip(self.logits, self.values, strict=not self.scalar)]
        if self.scalar:
            rows = [(", ".join(logit.given for logit in self.logits[:_SHOWN]), self.values[0])]
        cells = "".join(f"<tr><td>{escape(given)}</td><td>{escape(value)}</td></tr>" for given, value in rows[:_ROWS])
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes[:_SHOWN])
        cut = f"<p>and {len(rows) - _ROWS} more</p>" if len(rows) > _ROWS else ""
        return f"<p><b>{escape(self.operation)}</b></p><table>{heads}{cells}</table>{cut}{notes}"


def ask(
    operation: str,
    logits: Sequence[str | float],
    label: int | None = None,
    format: str | None = None,
    digits: int = 30,
) -> str | list[str]:
    """The exact result for one row of logits, in decimal.

    Parameters
    ----------
    operation
        Name or alias of a core operation.
    logits
        Numbers or their text, read exactly.
    label
        The true class, for cross_entropy and its gradient.
    format
        The format that logits are rounded to; float64 if left out.
    digits
        Significant digits, 1 to 4000.

    Returns
    -------
    str or list of str
        Text for a single number, a list of texts for one number a class. Every digit is certain.

    Raises
    ------
    UsageError
        For an unknown operation or format, a logit that is no number, a label outside 0..C-1, or too many digits.

    Examples
    --------
    >>> ask("softmax", ["5", "2", "-1", "3"], digits=12)
    ['0.842033572397', '0.0419223830370', '0.00208719255041', '0.113956852015']
    >>> ask("cross_entropy", [1000, 0], label=1)
    '1000.00000000000000000000000000'
    """
    result = answer(operation, logits, label, format, digits)
    return result.values[0] if result.scalar else list(result.values)


def answer(
    operation: str,
    logits: Sequence[str | float],
    label: int | None = None,
    format: str | None = None,
    digits: int = 30,
) -> Answer:
    """As `ask`, together with what each logit was taken as."""
    known = operations.lookup(operation)
    if known.name not in operations.CORE:
        raise unknown("core operation", operation, operations.CORE)
    if not 1 <= digits <= MOST_DIGITS:
        raise UsageError(f"digits={digits!r}: between 1 and {MOST_DIGITS} can be printed.")
    taken = tuple(read(text, format) for text in logits)
    if not taken:
        raise UsageError("no logits were given: name at least one, as in `softcert oracle softmax 1 2 3`.")
    labels = None
    if known.takes_labels:
        labels = [_class(label, len(taken), known.name)]
    elif label is not None:
        raise UsageError(f"label={label!r}: {known.name} takes no label; leave it out.")
    x = [[logit.value for logit in taken]]
    start = int(digits * 3.33) + 128
    texts = definition.ziv(
        lambda bits: definition.evaluate(known.name, x, labels, bits=bits),
        lambda number: decimal_text.to_text(number, digits),
        start,
        start * _CAP_FACTOR,
    )
    if any(text is None for text in texts):
        raise ArithmeticError(f"{known.name} of {x[0]}: {digits} digits need more than {start * _CAP_FACTOR} bits.")
    return Answer(operation=known.name, values=tuple(texts), scalar=known.result in ("(m,)", "()"), logits=taken)


def read(text: str | float, format: str | None = None) -> Logit:
    """One logit from text or a number: its exact value, rounded once to ``format`` (float64 if None)."""
    fmt = formats.lookup(format or "float64")
    given = text if isinstance(text, str) else repr(text)
    if not isinstance(text, str) and not _is_binary(text):
        raise UsageError(f"logit={text!r} is no number. Accepted: numbers, or their text.")
    value = decimal_text.parse(text) if isinstance(text, str) else _exactly(text)
    rounded = round_to(value, fmt)
    if isinstance(value, float) and math.isinf(value) and not fmt.has_infinity:
        raise UsageError(f"logit={given}: {fmt.name} has no infinity.")
    if math.isnan(rounded) and not (isinstance(value, float) and math.isnan(value)):
        raise UsageError(f"logit={given} is beyond {fmt.name}, whose largest number is {fmt.largest:g}.")
    same = rounded == value or (math.isnan(rounded) and isinstance(value, float))
    return Logit(given=given, value=rounded, same=same, format=fmt.name)


def _is_binary(value: object) -> bool:
    """Whether a value is an integer or a floating-point number, Python's or NumPy's."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return False
    return isinstance(value, numbers.Integral) or not isinstance(value, numbers.Rational)


def _exactly(number: float) -> Fraction | float:
    value = float(number) if not isinstance(number, int) else number
    return Fraction(value) if math.isfinite(value) else float(value)


def _class(label: int | None, classes: int, operation: str) -> int:
    if label is None:
        raise UsageError(f"label=None: {operation} needs the true class, an integer from 0 to {classes - 1}.")
    if not 0 <= label < classes:
        raise UsageError(
            f"label={label!r}: with {classes} logits the true class is an integer from 0 to {classes - 1}."
        )
    return int(label)
