"""The fast path's enclosures: they hold what Arb says, for every row, on any number of threads."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("numba")

from softcert_oracle import fast
from softcert_oracle.crosscheck.witnesses import OPERATIONS, distances
from softcert_oracle.errors import UsageError
from softcert_oracle.fast import schedule
from softcert_oracle.fast.exponential import FAR_EXPONENT
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.row_enclosures import RowEnclosures
from softcert_oracle.reference import arb
from softcert_oracle.reference.truth import rows as truth_rows

INF, MAX = np.inf, np.finfo(np.float64).max


def arrays(e: Enclosure) -> tuple[np.ndarray, ...]:
    return e.hi, e.lo, e.exponent, e.radius


def same_bits(a: RowEnclosures, b: RowEnclosures) -> bool:
    pairs = [(getattr(a, name), getattr(b, name)) for name in OPERATIONS]
    return all(np.array_equal(u, v) for p, q in pairs for u, v in zip(arrays(p), arrays(q), strict=True))


def assert_holds(x: np.ndarray) -> RowEnclosures:
    """Every interval meets Arb's, and both are narrower than 2^-96 unless the value lies beyond 2^-(2^32)."""
    mine, other = fast.enclose(x), arb.enclose(x)
    for name in OPERATIONS:
        a, b = getattr(mine, name), getattr(other, name)
        ratio, disjoint = distances(a, b)
        assert not disjoint.any(), (name, np.argwhere(disjoint)[:3])
        assert ratio.max(initial=0.0) < 0.5  # the bounds are worst cases; Arb is exact beside them
        assert np.array_equal(a.hi, a.hi + a.lo, equal_nan=True)
        if name != "logsumexp":
            wide = (a.radius > 2.0**-96 * np.abs(a.hi)) & np.isfinite(a.hi)
            assert np.all(a.exponent[wide] <= FAR_EXPONENT + 24)
    return mine


@pytest.mark.parametrize(
    "row",
    [
        [0.0],
        [-MAX],
        [MAX, -MAX],
        [MAX, MAX],
        [MAX, MAX, -MAX, 0.0],
        [MAX, 1.0, -1.0, 5e-324, -MAX],
        [1e-310, 5e-324],
        [0.0, -5e-324],
        [5e-324, -720.0],
        [1e-310, -1e5],
        [0.0, -1000.0, -1001.0],
        [0.0, -40.0, -40.0],
        [0.0, -1e9, -1e9],
        [0.0, -1e12],
        [0.0, -(2.0**32)],
        [0.0, np.nextafter(-(2.0**32), -INF)],
        [0.0, 0.0, -1e300],
        [3.0, -INF],
        [0.0, 0.0, -INF],
        [0.1] * 4,
        [1.0] * 3,
        [-np.log(2.0)] * 2,
        [-1.3132616875182228, -0.3132616875182228],
        [0.0, -138.0],
        [0.0, -139.5],
        [-1e-60, -138.155105579642741],
        [-INF, 1.0, -INF, 0.5],
        [0.0, -745.2, -746.0, -1e5, -1e15],
    ],
)
def test_adversarial_rows(row: list[float]) -> None:
    assert_holds(np.array([row]))


@pytest.mark.parametrize("scale", [1e-300, 1e-8, 1.0, 40.0, 1e4, 1e9, 1e300])
def test_random_rows_of_every_magnitude(scale: float) -> None:
    rng = np.random.default_rng(int(np.log10(scale)) + 400)
    x = rng.normal(size=(30, 37)) * scale + rng.choice([0.0, 1.0, -1e8], (30, 1))
    x[rng.random(x.shape) < 0.05] = -INF
    x[:, 5] = rng.normal(size=30) * scale
    assert_holds(x)


@pytest.mark.parametrize("classes", [4095, 4096, 4097, 131072])
def test_rows_of_several_tiles(classes: int) -> None:
    x = np.random.default_rng(classes).normal(size=(1, classes)) * 12
    x[0, -1] = x.max()  # a tie between the first and the last tile
    assert_holds(x)


def test_values_out_of_reach_are_enclosed_from_zero_and_everything_else_stays_narrow() -> None:
    found = fast.enclose(np.array([[0.0, -1e15, -2e15]]))
    p, q = found.softmax[0], found.complement[0]
    assert np.all(p.exponent[1:] == FAR_EXPONENT)
    assert np.all(p.hi[1:] <= p.radius[1:])
    assert p.radius[0] < 2.0**-96
    assert q.exponent[0] < FAR_EXPONENT + 4
    assert q.hi[0] <= q.radius[0]
    assert found.log_softmax[0, 1].radius < 1e15 * 2.0**-96


def test_what_is_rational_in_binary_is_exact() -> None:
    found = fast.enclose(np.array([[2.5, 2.5, -INF, 2.5, 2.5]]))
    for e, truth in ((found.softmax, [0.25, 0.25, 0.0, 0.25, 0.25]), (found.complement, [0.75, 0.75, 1.0, 0.75, 0.75])):
        assert e.to_float()[0].tolist() == truth
        assert not e.radius.any()
        assert not e.lo.any()
    one = fast.enclose(np.array([[-3.25, -INF]]))
    assert (one.softmax.hi[0].tolist(), one.log_softmax.hi[0].tolist()) == ([1.0, 0.0], [0.0, -INF])
    assert (one.logsumexp.hi[0], one.logsumexp.radius[0]) == (-3.25, 0.0)


def test_sums_are_floats_accurate_next_to_zero() -> None:
    found = fast.enclose(np.array([[0.0, -50.0], [0.0, -740.0], [0.0, 0.0]]))
    assert np.allclose(found.tau, np.exp([-50.0, -740.0, 0.0]), rtol=1e-3 * 1e-2, atol=0)
    assert found.L[0] == pytest.approx(np.log1p(np.exp(-50.0)), rel=4e-16)
    assert found.s.tolist() == [1.0, 1.0, 2.0]


@pytest.mark.parametrize("shape", [(500, 300), (3, 60000), (2, 140000)])
def test_the_number_of_threads_changes_no_bit(shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(7).normal(size=shape) * 9
    monkeypatch.setattr(schedule, "threads", lambda: 1)
    alone = fast.enclose(x)
    monkeypatch.setattr(schedule, "threads", lambda: 3)
    assert same_bits(alone, fast.enclose(x))
    by_row = [fast.enclose(x[i : i + 1]) for i in range(2)]
    assert same_bits(by_row[1], fast.enclose(x[1:2]))
    assert all(np.array_equal(by_row[i].softmax.lo[0], alone.softmax.lo[i]) for i in range(2))


def test_only_the_parts_asked_for_are_computed() -> None:
    x = np.random.default_rng(8).normal(size=(5, 6))
    whole = fast.enclose(x)
    for part in fast.PARTS:
        some = fast.enclose(x, (part,))
        for u, v in zip(arrays(getattr(some, part)), arrays(getattr(whole, part)), strict=True):
            assert np.array_equal(u, v)
        assert [getattr(some, other).shape for other in fast.PARTS if other != part] == [(5, 0), (5, 0)]
        assert np.array_equal(some.logsumexp.lo, whole.logsumexp.lo)


def test_any_memory_layout_is_taken_and_left_untouched() -> None:
    x = np.asfortranarray(np.random.default_rng(9).normal(size=(8, 12)))
    whole = fast.enclose(np.ascontiguousarray(x))
    frozen = x.copy(order="C")
    frozen.flags.writeable = False
    for view in (x, frozen, np.repeat(x, 2, axis=1)[:, ::2], x[::-1][::-1]):
        assert same_bits(whole, fast.enclose(view))
    assert np.array_equal(x, frozen)


def test_no_rows_give_no_enclosures() -> None:
    assert fast.enclose(np.empty((0, 4))).softmax.shape == (0, 4)


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (np.zeros((2, 0)), r"shape \(2, 0\)"),
        (np.zeros(3), r"shape \(3,\)"),
        (np.zeros((1, 2), np.float32), "float32"),
        (np.array([[1.0, np.nan], [0.0, 1.0]]), "1 rows"),
        (np.array([[INF, 1.0]]), "1 rows"),
        (np.array([[-INF, -INF], [np.nan, 1.0]]), "2 rows"),
        (np.full((1, 300000), np.nan), "1 rows"),
    ],
)
def test_rows_without_an_enclosure_are_refused(x: np.ndarray, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        fast.enclose(x)


@pytest.mark.parametrize("where", [0, 5000, 9999])
def test_one_nan_in_any_tile_is_seen(where: int) -> None:
    x = np.random.default_rng(10).normal(size=(3, 10000))
    x[1, where] = np.nan
    with pytest.raises(UsageError, match="1 rows"):
        fast.enclose(x)


def test_an_unknown_part_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="Did you mean 'softmax'"):
        fast.enclose(np.zeros((1, 2)), ("softmx",))


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "from softcert_oracle.fast import kernels; assert not kernels.work.signatures"),
        (
            {"NUMBA_DISABLE_JIT": "1"},
            "from softcert_oracle.reference import backends; import numpy as np; "
            "assert backends.name() == 'arb'; "
            "assert backends.default()(np.zeros((1, 2))).softmax.hi.tolist() == [[0.5, 0.5]]",
        ),
    ],
    ids=["importing compiles nothing", "without compilation Arb answers"],
)
def test_in_a_process_of_its_own(environment: dict[str, str], code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_an_interval_next_to_zero_reaches_down_to_zero():
    """Far below 2^-2^32 only "positive and below" is known: a tail of the centre would cut off the true value."""
    far = truth_rows(np.array([[-5.13711556e17, 3.3e-18, -4.2e-17], [0.0, -(2.0**33), 1.0]])).softmax
    near_zero = far.radius >= far.hi
    assert near_zero.sum() == 2
    assert np.all(far.lo[near_zero] == 0)
