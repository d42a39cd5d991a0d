"""Two defects at once: candidates that are made of two others, where no single one reproduces a finding.

Two mechanisms that change different parts of the textbook algorithm are put into one. Any two models are joined by
their effects: a loss that is a sum, and overflows, is wrong by the product of the two factors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np

from softcert.diagnosis.candidates import CandidateDefect
from softcert_implementations.bundled import numpy_shifted
from softcert_implementations.gallery.mechanisms.textbook_parts import Parts, function_of

_TEXTBOOK = Parts()


def by_effects(a: CandidateDefect, b: CandidateDefect) -> CandidateDefect:
    """Both at once: the result of the one times the factor by which the other is off.

    Where the textbook's own result is 0, the error of the other is added instead.
    """
    textbook = numpy_shifted.IMPLEMENTATION.ops[a.operation]

    def fresh() -> Callable[..., Any]:
        first, second = a.fresh(), b.fresh()

        def both(*arguments: np.ndarray) -> np.ndarray:
            results = [np.asarray(f(*[np.array(x) for x in arguments])) for f in (first, second, textbook)]
            return joined(*[r.astype(np.float64) for r in results]).astype(results[2].dtype)

        return both

    return _named(a, b, fresh)


def by_parts(a: CandidateDefect, b: CandidateDefect) -> CandidateDefect | None:
    """Both in one algorithm, the first one's; None where they change the same part, or are no mechanisms."""
    if a.parts is None or b.parts is None:
        return None
    changed = [
        {f.name: v for f in fields(Parts) if (v := getattr(p, f.name)) is not getattr(_TEXTBOOK, f.name)}
        for p in (a.parts(), b.parts())
    ]
    if changed[0].keys() & changed[1].keys():
        return None
    parts = Parts(**changed[0], **changed[1])
    return _named(a, b, lambda: function_of(parts, a.operation, a.base))


def joined(first: np.ndarray, second: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The result of two defects from those of each, and from the right one: factors multiply, or errors add up."""
    with np.errstate(all="ignore"):
        product = first * (second / right)
        both: np.ndarray = np.where(right == 0, first + second, product)
    return both


def _named(a: CandidateDefect, b: CandidateDefect, fresh: Callable[[], Callable[..., Any]]) -> CandidateDefect:
    families = dict.fromkeys((a.family, b.family))
    return CandidateDefect(
        name=f"{a.name} + {b.name}",
        family=" and ".join(families),
        operation=a.operation,
        fresh=fresh,
        behaves=f"two defects at once: {a.behaves.rstrip('.')}; and {b.behaves.rstrip('.')}",
        remedy=" ".join(dict.fromkeys((a.remedy, b.remedy))),
        weight=min(a.weight, b.weight),
    )
