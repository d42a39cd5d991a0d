"""The witnesses agree on adversarial rows of every format, and a wrong one would be seen."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from softcert_oracle.crosscheck import witnesses
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.formats import FORMATS
from softcert_oracle.reference import arb, backends


@pytest.mark.parametrize("fmt", FORMATS)
def test_no_two_witnesses_disagree(fmt: str) -> None:
    found = witnesses.compare(6000, [fmt])
    first = backends.name()
    others = [name for name in witnesses.WITNESSES if name != first]
    assert {a.pair for a in found} == {f"{first}/{name}" for name in others}
    assert [a for a in found if a.disagreements] == []
    assert max(a.largest_in_radius for a in found) < 1
    assert all(a.elements >= 6000 for a in found if a.operation == "softmax" and "sympy" not in a.pair)


def test_a_value_two_radii_off_is_a_disagreement() -> None:
    e = arb.enclose(np.array([[1.0, 2.0, 3.5]])).softmax
    wide = Enclosure(hi=e.hi, lo=e.lo, exponent=e.exponent, radius=e.hi * 2.0**-99)
    off = Enclosure(hi=e.hi, lo=e.lo + 2 * wide.radius, exponent=e.exponent, radius=e.radius)
    ratio, disjoint = witnesses.distances(wide, off)
    assert disjoint.all()
    assert np.allclose(ratio, 2, rtol=0.05)
    broken = Enclosure(hi=e.hi, lo=np.full_like(e.lo, np.nan), exponent=e.exponent, radius=e.radius)
    ratio, disjoint = witnesses.distances(wide, broken)
    assert disjoint.all()
    assert (ratio > 1e200).all()
    near = Enclosure(hi=e.hi, lo=e.lo + 0.5 * wide.radius, exponent=e.exponent, radius=e.radius)
    assert not witnesses.distances(wide, near)[1].any()


@pytest.mark.parametrize(("a", "b"), [(1.0, np.inf), (np.nan, 1.0), (0.0, 1e-300), (-np.inf, np.inf), (0.5, 0.25)])
def test_different_special_and_exact_values_disagree(a: float, b: float) -> None:
    assert witnesses.distances(Enclosure.exactly([a]), Enclosure.exactly([b]))[1].all()
    assert not witnesses.distances(Enclosure.exactly([b]), Enclosure.exactly([b]))[1].any()


def test_a_wrong_backend_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def slightly_wrong(x: np.ndarray) -> backends.RowEnclosures:
        rows = arb.enclose(x)
        e = rows.softmax
        return replace(
            rows, softmax=Enclosure(hi=e.hi, lo=e.lo + e.hi * 2.0**-90, exponent=e.exponent, radius=e.radius)
        )

    monkeypatch.setattr(backends, "default", lambda: slightly_wrong)
    monkeypatch.setattr(backends, "name", lambda: "fast")
    found = {(a.pair, a.operation): a for a in witnesses.compare(500, ["float32"], ["arb", "mpmath"])}
    assert found["fast/arb", "softmax"].disagreements > 300
    assert found["fast/mpmath", "softmax"].disagreements > 300
    assert found["fast/arb", "log_softmax"].disagreements == 0


def test_the_command_prints_a_table_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert witnesses.main(["--elements", "300", "--formats", "float16", "--witnesses", "mpmath"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["pair", "format", "operation"]
    assert {a["operation"] for a in json.loads(lines[-1])} >= {"softmax"}


def test_wrong_requests_are_refused() -> None:
    with pytest.raises(UsageError, match="elements=0"):
        witnesses.compare(0)
    with pytest.raises(UsageError, match="unknown witness"):
        witnesses.compare(1, witnesses=["maple"])
    with pytest.raises(UsageError, match=r"unknown collection of rows.*few terms"):
        witnesses.compare(10, rows="many")
    with pytest.raises(SystemExit):
        witnesses.main(["--formats", "float33"])
