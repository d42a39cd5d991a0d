"""The form of a call: how a function takes logits and labels and gives its result, where it is not the plain one.

Plain is ``f(x)`` or ``f(x, labels)`` with x (m, C), labels (m,) as class indices, and one array as the result. Other
conventions of the field are written down here as data: a contract names them in its field ``call``, trial calls choose
among them, and `softcert_implementations.adapters.forming` carries them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from types import MappingProxyType

from softcert_oracle.errors import UsageError, shown, unknown

PLAIN_TEXT = "plain"
"""What a contract says of functions that are called in the plain form, without any trial of others."""

CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "order": ("logits first", "labels first"),
        "labels": ("indices", "one-hot", "one-based"),
        "inputs": ("logits", "probabilities", "log-probabilities"),
        "classes": ("last", "first"),
        "values": ("arrays", "lists", "lists out"),
        "weights": ("classes first", "features first"),
        "bias": ("given", "in the weights"),
    }
)
"""The values of each part of a form, the plain one first."""

RESULT = "result"
"""The part of a form that names one of several results: a position, or the key of a mapping."""


@dataclass(frozen=True, kw_only=True)
class CallForm:
    """How a function is called.

    Parameters
    ----------
    order
        Which argument stands first, where there are labels.
    labels
        "indices" from 0, "one-based" ones, or "one-hot" rows (m, C) in the format of the logits.
    inputs
        What stands in the place of the logits: they themselves, or their softmax or log-softmax, correctly rounded.
    classes
        The axis of the classes: "first" gives (C, m), and reads results (C, m) likewise.
    values
        "lists": Python lists go in and come out; "lists out": they come out only.
    weights
        Which axis of a linear layer's weights comes first: that of the classes, (C, K), or that of the features.
    bias
        Whether a linear layer's bias is an argument, or the weights of a further feature that is always 1.
    result
        Which of several results is the operation's: a position in a tuple or list, or a key of a mapping; "" for a
        function that has one.

    Examples
    --------
    >>> form = CallForm.parsed("labels=one-hot, result=0")
    >>> form.labels, form.result, form.text
    ('one-hot', '0', 'labels=one-hot, result=0')
    >>> CallForm().text
    'plain'
    """

    order: str = "logits first"
    labels: str = "indices"
    inputs: str = "logits"
    classes: str = "last"
    values: str = "arrays"
    weights: str = "classes first"
    bias: str = "given"
    result: str = ""

    @classmethod
    def parsed(cls, text: str) -> CallForm:
        """The form that a text of ``part=value``, separated by commas, describes; all else is plain.

        Raises
        ------
        UsageError
            For a part or a value that does not exist.
        """
        return cls(**dict(given(text)))

    @property
    def text(self) -> str:
        """What deviates from the plain form, as `parsed` reads it."""
        parts = [(f.name, getattr(self, f.name)) for f in fields(self)]
        return ", ".join(f"{name}={value}" for name, value in parts if value != _PLAIN[name]) or PLAIN_TEXT

    @property
    def deviations(self) -> int:
        """How many parts are not plain."""
        return sum(getattr(self, f.name) != _PLAIN[f.name] for f in fields(self))


_PLAIN: Mapping[str, str] = {f.name: str(f.default) for f in fields(CallForm)}

PLAIN = CallForm()


def given(text: str) -> Mapping[str, str]:
    """The parts that a text names, with their values; all of them for "plain", none for "".

    Raises
    ------
    UsageError
        For a part or a value that does not exist, and for a text of another form.

    Examples
    --------
    >>> dict(given("labels=one-hot")), dict(given(""))
    ({'labels': 'one-hot'}, {})
    """
    if not isinstance(text, str):
        raise UsageError(f"contract field call={shown(text)}: give a text such as 'labels=one-hot'.")
    return _parts(text)


@lru_cache(maxsize=256)
def _parts(text: str) -> Mapping[str, str]:
    if text.strip() == PLAIN_TEXT:
        return dict(_PLAIN)
    parts: dict[str, str] = {}
    for piece in filter(None, (p.strip() for p in text.split(","))):
        name, equals, value = (p.strip() for p in piece.partition("="))
        if not equals or name not in _PLAIN:
            raise unknown("part of a call's form", name, (*CHOICES, RESULT, PLAIN_TEXT))
        if name != RESULT and value not in CHOICES[name]:
            raise unknown(f"{name} of a call", value, CHOICES[name])
        parts[name] = value
    return parts
