"""Exact bounds of single results decide what an enclosure leaves open."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_oracle.decide import decisions
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.formats import FORMATS, Format
from softcert_oracle.reference import truth


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
def test_refinement_decides_what_a_widened_enclosure_does_not(fmt: Format) -> None:
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(3, 4)) * 3, np.array([0, 1, 3])
    found = truth.rows(x)
    for operation in ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad", "jacobian"):
        for reduction in ("mean", "sum", "none") if "entropy" in operation else ("mean",):
            given = labels if "entropy" in operation else None
            e = truth.jacobian(found) if operation == "jacobian" else None
            e = e or truth.reference(operation, found, given, reduction=reduction)
            wide = Enclosure(hi=e.hi, lo=e.lo, exponent=e.exponent, radius=np.abs(e.hi))
            refine = truth.refine(operation, found, given, reduction=reduction)
            value, decided = decisions.nearest(e, fmt)
            assert decided.all()
            again, settled = decisions.nearest(wide, fmt, refine)
            assert settled.all()
            assert np.array_equal(value, again)
            assert not decisions.nearest(wide, fmt)[1].all()
            answers = decisions.exceeds(value, wide, np.abs(value) * 1e-3, fmt, refine)
            expected = decisions.exceeds(value, e, np.abs(value) * 1e-3, fmt)
            assert np.array_equal(answers, expected)
