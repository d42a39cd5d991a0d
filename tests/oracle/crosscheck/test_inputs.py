"""Adversarial rows: numbers of their format, the same for the same seed, of every width."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_oracle.crosscheck.inputs import FEW_TERMS, REGIMES, ROWS, batches
from softcert_oracle.numbers.formats import FORMATS


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("regime", [*REGIMES.values(), *FEW_TERMS.values()], ids=[*REGIMES, *FEW_TERMS])
def test_every_regime_makes_rows_of_the_format(regime: object, fmt: object) -> None:
    x = np.concatenate([b.ravel() for rows in ROWS for b in batches(fmt, 20000, rows=rows)])  # type: ignore[arg-type]
    finite = x[np.isfinite(x)]
    assert np.array_equal(finite.astype(fmt.dtype).astype(np.float64), finite)  # type: ignore[attr-defined]
    assert not np.isnan(x).any()
    assert fmt.has_infinity or np.isfinite(x).all()  # type: ignore[attr-defined]
    row = regime(np.random.default_rng(0), fmt, 50, 7)  # type: ignore[operator]
    assert row.shape == (50, 7)
    assert np.isfinite(row.max(axis=1)).all()


def test_batches_are_the_same_for_the_same_seed_and_cover_every_width() -> None:
    fmt = FORMATS["float32"]
    first, again, other = (list(batches(fmt, 30000, seed)) for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert {x.shape[1] for x in first} >= {1, 2, 3, 4, 5, 10, 33, 257, 1000, 4097}


def test_rows_of_few_terms_reach_the_widest_vocabulary() -> None:
    widths = {x.shape[1] for x in batches(FORMATS["float32"], 1_000_000, rows="few terms")}
    assert widths == {33, 1000, 8192, 50257, 131072, 262144}
