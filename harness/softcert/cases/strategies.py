"""Hypothesis strategies over the same recipes as the battery: regimes with drawn parameters, and explicit rows.

Shapes come from a bounded set (compilers pay for each new one); explicit rows are small, because a person has to
read what is left of them after shrinking.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from hypothesis import strategies as st

from softcert.cases.battery import SMALL_SHAPES
from softcert.cases.case import Case
from softcert.cases.inputs import round_to
from softcert.cases.layouts import LAYOUTS
from softcert.cases.regimes.families import thresholds
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format

LABELS = ("argmax", "argmin", "first", "last", "random")


@cache  # Hypothesis examines each new strategy anew, which costs more than drawing from it
def logits(format: str, special: bool = False) -> st.SearchStrategy[float]:
    """One logit, exactly representable in the format: near thresholds, short dyadic numbers, any float.

    ``special`` adds -inf (where the format has it).
    """
    fmt = formats.lookup(format)
    near = [t for t in thresholds(fmt).values() if abs(t) < fmt.largest]
    parts: list[st.SearchStrategy[float]] = [
        st.integers(-40, 40).map(lambda k: k / 4),
        st.sampled_from([*near, *(-t for t in near)]).flatmap(
            lambda t: st.integers(-3, 3).map(lambda k: t * (1 + k * 2 * fmt.unit_roundoff))
        ),
        st.floats(-min(fmt.largest, 1000.0), min(fmt.largest, 1000.0), allow_nan=False),
        st.floats(-fmt.largest, fmt.largest, allow_nan=False, allow_infinity=False),
    ]
    if special and fmt.has_infinity:
        parts.append(st.just(-math.inf))
    return st.one_of(parts).map(lambda v: round_to(v, fmt))


@cache
def _rows(format: str) -> st.SearchStrategy[list[float]]:
    return st.lists(logits(format, special=True), min_size=2, max_size=6).filter(lambda r: max(r) > -math.inf)


@st.composite
def explicit_cases(draw: st.DrawFn, format: str) -> Case:
    """One row of two to six explicit logits, with a label."""
    row = draw(_rows(format))
    label = draw(st.integers(0, len(row) - 1))
    rows = (tuple(float(v).hex() for v in row),)
    return Case.of("drawn", 1, len(row), format, rows=rows, label_values=(label,))


@st.composite
def recipe_cases(draw: st.DrawFn, format: str) -> Case:
    """A regime of the battery with drawn parameters, shape, layout and labels."""
    m, C = draw(_SHAPES)
    regime, parameters = draw(_regimes(format))
    return Case.of(regime, m, C, format, parameters, layout=draw(_LAYOUTS), labels=draw(_LABELS), seed=draw(_SEEDS))


_SHAPES = st.sampled_from((*SMALL_SHAPES, (1, 5), (1, 33)))
_LAYOUTS = st.sampled_from(LAYOUTS)
_LABELS = st.sampled_from(LABELS)
_SEEDS = st.integers(0, 2**16)
_DRAWN = ("ordinary", "offset", "edge", "gap", "reach", "far rows", "peak", "ladder", "any float")


@cache
def _regimes(format: str) -> st.SearchStrategy[tuple[str, tuple[tuple[str, Any], ...]]]:
    return st.one_of([_parameters(name, formats.lookup(format)) for name in _DRAWN])


def _parameters(regime: str, fmt: Format) -> st.SearchStrategy[tuple[str, tuple[tuple[str, Any], ...]]]:
    top = min(fmt.largest / 8, 1e6)
    drawn: dict[str, st.SearchStrategy[Any]] = {
        "ordinary": st.fixed_dictionaries({"scale": st.floats(0.01, min(200.0, top))}),
        "offset": st.fixed_dictionaries({"by": st.floats(-top, top)}),
        "edge": st.fixed_dictionaries({"at": st.sampled_from(sorted(thresholds(fmt))), "ulps": st.integers(-5, 5)}),
        "gap": st.fixed_dictionaries({"below": st.floats(0.0, min(800.0, top))}),
        "reach": st.fixed_dictionaries({"depth": st.floats(0.01, 1.5)}),
        "far rows": st.fixed_dictionaries({"apart": st.floats(1.0, min(800.0, top))}),
        "peak": st.fixed_dictionaries({"at": st.integers(0, 40), "height": st.floats(0.0, min(100.0, top))}),
        "ladder": st.fixed_dictionaries({"step": st.floats(-min(60.0, top / 64), min(60.0, top / 64))}),
        "any float": st.fixed_dictionaries({"top": st.floats(0.01, 1.0)}),
    }
    return drawn[regime].map(lambda p: (regime, tuple(sorted(p.items()))))


@cache
def cases(format: str) -> st.SearchStrategy[Case]:
    """Recipes and explicit rows, about half and half."""
    return st.one_of(explicit_cases(format), recipe_cases(format))
