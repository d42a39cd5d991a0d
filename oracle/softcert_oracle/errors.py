"""The one exception type for a user's mistake, and the sentence that it is made of."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UsageError(ValueError):
    """Wrong use of softcert: the message says what was given, what is accepted and what to do.

    The command line prints it without a traceback and ends with exit code 2.
    """


def shown(value: object) -> str:
    """A value for a message: its ``repr``, cut where it is long; never a failure of its own.

    >>> shown("flaot32"), len(shown([1.0] * 1000))
    ("'flaot32'", 80)
    """
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 (an int of more than 4300 digits, or an object whose own repr fails)
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 80 else f"{text[:77]}..."


def unknown(kind: str, given: object, accepted: Iterable[str]) -> UsageError:
    """The error for a name that is not in a table: the name, the nearest match, the whole table."""
    names = list(accepted)
    nearest = difflib.get_close_matches(given if isinstance(given, str) else shown(given), names, n=1, cutoff=0.5)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    return UsageError(f"unknown {kind}: {kind}={shown(given)}.{hint} Accepted: {', '.join(names)}.")
