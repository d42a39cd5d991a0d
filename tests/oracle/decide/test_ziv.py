"""What an enclosure leaves open is decided at doubling precision, up to the cap, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from softcert_oracle.decide import ziv
from softcert_oracle.decide.ziv import Bounds, escalate, settle, settle_excess
from softcert_oracle.numbers.enclosure import Decision
from softcert_oracle.numbers.formats import FORMATS
from softcert_oracle.numbers.rounding import Dyadic
from softcert_oracle.numbers.scaled import Scaled

YES, NO, OPEN = Decision.YES, Decision.NO, Decision.UNDECIDED


def just_above(value: float, depth: int, asked: list[tuple[list[int], int]]) -> ziv.Refine:
    """Bounds of ``value + 2^-depth``, to 2^-bits; every call is noted in ``asked``."""

    def refine(positions: Any, bits: int) -> Sequence[Bounds]:
        asked.append((list(positions), bits))
        unit = 1 << bits  # 1 in units of 2^-bits
        centre = int(value * 2**52) * unit >> 52
        centre += unit >> depth if depth <= bits else 0
        ends = Dyadic(centre - (depth > bits), -bits), Dyadic(centre + (depth > bits), -bits)
        return [ends] * len(positions)

    return refine


def test_precision_doubles_until_everything_is_decided() -> None:
    asked: list[tuple[list[int], int]] = []

    def refine(positions: Any, bits: int) -> Sequence[Bounds]:
        asked.append((positions.tolist(), bits))
        return [(Dyadic(k, 0), Dyadic(k, 0)) for k in positions.tolist()]

    answers = escalate(
        np.array([3, 5, 9]), refine, lambda k, _: "settled" if k == 3 or asked[-1][1] >= 256 * k // 2 else None
    )
    assert answers == {3: "settled", 5: "settled", 9: "settled"}
    assert asked == [([3, 5, 9], 256), ([5, 9], 512), ([5, 9], 1024), ([9], 2048)]


def test_what_the_cap_does_not_decide_is_left_out() -> None:
    bits: list[int] = []

    def refine(positions: Any, precision: int) -> Sequence[Bounds]:
        bits.append(precision)
        return [(Dyadic(0, 0), Dyadic(1, 0))] * len(positions)

    assert escalate(np.array([0]), refine, lambda *_: None) == {}
    assert bits == [256, 512, 1024, 2048, 4096]
    assert bits[-1] == ziv.CAP_BITS


def test_a_rounding_is_filled_in_only_where_it_is_open_and_asked_for() -> None:
    fmt, asked = FORMATS["float64"], []  # type: ignore[var-annotated]
    values, decided = np.array([7.0, 8.0, 9.0]), np.array([True, False, False])
    only = np.array([True, True, False])
    refine = just_above(1.0, 300, asked)
    down, known = settle(values, decided, fmt, "down", refine, only)
    assert down.tolist() == [7.0, 1.0, 9.0]
    assert known.tolist() == [True, True, False]
    up, _ = settle(values, decided, fmt, "up", refine, only)
    assert up.tolist() == [7.0, 1 + 2.0**-52, 9.0]
    assert {tuple(positions) for positions, _ in asked} == {(1,)}
    assert [bits for _, bits in asked] == [256, 512] * 2
    assert values.tolist() == [7.0, 8.0, 9.0]  # the caller's own stay as they are


def test_nothing_open_asks_for_nothing() -> None:
    def never(positions: Any, bits: int) -> Sequence[Bounds]:
        raise AssertionError("asked")

    values, decided = np.ones(2), np.ones(2, bool)
    assert settle(values, decided, FORMATS["float32"], "nearest", never)[0] is values
    answers = np.array([YES, NO], np.int8)
    assert settle_excess(answers, [1.0, 1.0], Scaled.of(np.ones(2)), never) is answers


def test_an_excess_is_decided_from_the_bounds() -> None:
    asked: list[tuple[list[int], int]] = []
    refine = just_above(1.0, 290, asked)  # v = 1 + 2^-290
    got = np.array([1.5, 1.5, 0.5, 1.5, np.nan])
    allowed = Scaled.of(np.array([0.5, 0.499, 0.5, np.inf, 0.5]))
    answers = settle_excess(np.full(5, OPEN, np.int8), got, allowed, refine)
    assert answers.tolist() == [NO, YES, YES, OPEN, OPEN]  # 1.5 - v < 1/2 < v - 0.5
    kept = settle_excess(np.array([YES], np.int8), [1.5], Scaled.of(np.array([9.0])), refine)
    assert kept.tolist() == [YES]


def test_exponents_too_far_apart_to_be_aligned_stay_undecided() -> None:
    def tiny(positions: Any, bits: int) -> Sequence[Bounds]:
        return [(Dyadic(1, -(2**36)), Dyadic(3, -(2**36)))] * len(positions)

    assert settle_excess(np.array([OPEN], np.int8), [1.0], Scaled.of(np.ones(1)), tiny).tolist() == [OPEN]
