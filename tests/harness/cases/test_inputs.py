"""A case is rebuilt bit for bit, whatever it holds, and its surroundings are poisoned."""

from __future__ import annotations

import json

import numpy as np
import pytest

from softcert.cases.case import Case
from softcert.cases.inputs import LAYOUTS, build, explicit
from softcert.cases.regimes import REGIMES, thresholds
from softcert.executors.protocol import to_numpy
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats


def case_of(regime: str, format: str, **changes: object) -> Case:
    parameters = (("at", f"overflow/{format}"),) if regime == "edge" else ()
    return Case.of(regime, 4, 6, format, parameters).with_(**changes)


@pytest.mark.parametrize("format", formats.FORMATS)
@pytest.mark.parametrize("regime", REGIMES)
def test_a_case_is_rebuilt_bit_for_bit_from_its_json(regime, format):
    case = case_of(regime, format)
    first = build(case)
    again = build(Case.from_json(json.loads(json.dumps(case.to_json()))))
    assert first.x.tobytes() == again.x.tobytes()
    assert (first.labels == again.labels).all()


@pytest.mark.parametrize("regime", REGIMES)
def test_values_are_those_of_the_format(regime):
    inputs = build(case_of(regime, "bfloat16"))
    assert inputs.x.dtype == formats.FORMATS["bfloat16"].dtype
    assert np.array_equal(inputs.x.astype(np.float64), inputs.exact, equal_nan=True)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_holds_the_same_values(layout):
    plain = build(case_of("ordinary", "float32"))
    laid_out = build(case_of("ordinary", "float32", layout=layout))
    assert np.array_equal(laid_out.exact, plain.exact)
    assert np.array_equal(to_numpy(laid_out.logits()), plain.x)


def test_what_lies_around_a_view_is_poison():
    seeds = [build(case_of("ordinary", "float32", layout="row stride", seed=s)) for s in range(8)]
    around = {float(i.buffer.view(np.float32)[0]) for i in seeds}
    assert any(np.isnan(v) for v in around)
    assert formats.FORMATS["float32"].largest in around


def test_explicit_rows_travel_in_hexadecimal():
    x = np.array([[1.5, -np.inf, 5e-324]])
    case = explicit(Case.of("ordinary", 1, 3, "float64"), x, np.array([2]))
    assert case.rows == (("0x1.8000000000000p+0", "-inf", "0x0.0000000000001p-1022"),)
    assert np.array_equal(build(case).exact, x)
    assert build(case).labels.tolist() == [2]


def test_edges_lie_a_few_ulps_around_the_threshold():
    edge = build(Case.of("edge", 3, 4, "float32", (("at", "overflow/float32"), ("ulps", 1)))).exact.max()
    threshold = thresholds(formats.FORMATS["float32"])["overflow/float32"]
    assert 0 < edge - threshold < 3 * 2.0**-17


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"regime": "ordinry"}, "ordinary"),
        ({"layout": "fortran"}, "Fortran"),
        ({"labels": "lst"}, "last"),
        ({"parameters": (("scael", 1.0),)}, "scael"),
    ],
)
def test_a_broken_recipe_says_what_is_accepted(changes, word):
    with pytest.raises(UsageError, match=word):
        build(Case.of("ordinary", 2, 3, "float32").with_(**changes))


def test_a_recipe_of_another_version_is_refused():
    with pytest.raises(UsageError, match="recipe version"):
        Case.from_json({"recipe": 99})
