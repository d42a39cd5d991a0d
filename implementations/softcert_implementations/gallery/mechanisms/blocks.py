"""Rows in vectors and blocks: tails, padding, running sums and partial results."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.mechanisms.mechanism import LOSS, Table
from softcert_implementations.gallery.mechanisms.shared import WIDTHS, sum_of, top_of
from softcert_implementations.gallery.mechanisms.textbook_parts import Parts, difference, sum_rows
from softcert_implementations.gallery.textbook import Array

TABLE = Table()
add = TABLE.add


def _whole(n: int, width: int) -> slice:
    return slice(n - n % width)


def _stale(width: int) -> Callable[[Array], Array]:
    """The last vector is filled up with what the one before left in its lanes."""

    def total(e: Array) -> Array:
        n, left = e.shape[1], e.shape[1] % width
        again = e[:, n - width : n - left] if left and n > width else e[:, :0]
        return sum_rows(e) + sum_rows(again)

    return total


def _padded_after_the_shift(width: int) -> Callable[[Array], Array]:
    return lambda e: sum_rows(e) + e.dtype.type(-e.shape[1] % width)


def _padded_logits(width: int, value: float) -> Callable[[Array], Array]:
    def pad(w: Array) -> Array:
        n = w.shape[1]
        more = (1 << max(n - 1, 0).bit_length()) - n if width == 0 else -n % width
        return np.pad(w, ((0, 0), (0, more)), constant_values=w.dtype.type(value))

    return pad


def _blocks(rows: Array, width: int, fill: float) -> Array:
    """Rows as (m, blocks, width), filled up with ``fill``; two halves where ``width`` is 0."""
    m, n = rows.shape
    step = width or max((n + 1) // 2, 1)
    whole = np.full((m, -(-n // step) * step), fill, rows.dtype)
    whole[:, :n] = rows
    return whole.reshape(m, -1, step)


def _online(width: int, weight: Callable[[Array, Array], Array]) -> Callable[[Array], Array]:
    """A running sum over blocks; ``weight`` of running and block maxima (m, blocks): logarithm of each block's share.

    A right one weighs a block's sum, taken relative to the maximum so far, by exp(max so far - last maximum).
    """

    def running(d: Array) -> Array:
        blocks = _blocks(d, width, -np.inf)
        peak = blocks.max(-1)
        top = np.maximum.accumulate(peak, axis=-1)
        sums = np.exp(blocks - np.where(np.isneginf(top), 0, top)[..., None]).sum(-1)
        return sum_rows(np.where(sums == 0, 0, sums * np.exp(weight(top, peak)))).astype(d.dtype)

    return running


def _own_maximum(top: Array, peak: Array) -> Array:
    """The product of exp(old - block's maximum) over the blocks that follow."""
    later = top[:, :-1] - peak[:, 1:]
    return np.concatenate([np.cumsum(later[:, ::-1], -1)[:, ::-1], 0 * top[:, -1:]], -1)


def _by_blocks(width: int, merge: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """``merge`` of the exponentials by block (m, blocks, width), filled up with 0, to one sum a row."""
    return lambda e: np.asarray(merge(_blocks(e, width, 0.0)))[:, None].astype(e.dtype)


def _is_tail(p: Array, width: int) -> Array:
    n = p.shape[1]
    return np.arange(n) >= n - n % width


def _cleared(p: Array, width: int) -> Array:
    n = p.shape[1]
    return np.where(np.arange(n) < (n - n % width if n >= width else n), p, 0).astype(p.dtype)


def _kept(p: Array, width: int) -> Array:
    """The tail as it was before the division: relative to its row's largest probability."""
    n = p.shape[1]
    return np.where(np.arange(n) < n - n % width, p, p / p.max(-1, keepdims=True)).astype(p.dtype)


def _lse_of_blocks(w: Array, width: int, merge: Callable[[Array], Array]) -> Array:
    blocks = _blocks(w, width, -np.inf)
    each = textbook.logsumexp(blocks.reshape(-1, blocks.shape[2]))
    return merge(each.reshape(blocks.shape[:2])).astype(w.dtype)


def _normalised_blocks(p: Array, width: int, share: int | None) -> Array:
    blocks = _blocks(p, width, 0.0)
    each = blocks / sum_rows(blocks) / p.dtype.type(share or blocks.shape[1])
    return each.reshape(len(p), -1)[:, : p.shape[1]]


def _nan_for_empty(e: Array, width: int) -> Array:
    empty = (_blocks(e, width, 0.0) == 0).all(-1).any(-1, keepdims=True)
    return np.where(empty, np.nan, sum_rows(e)).astype(e.dtype)


def _padding(value: float) -> Callable[[int], Parts]:
    """The parts of a width to which rows are padded with a value."""
    return lambda width: Parts(logits=_padded_logits(width, value))


def _merging(merge: Callable[[Array], Array]) -> Callable[[int], Parts]:
    """The parts of a width by which sums are merged."""
    return lambda width: Parts(total=_by_blocks(width, merge))


add(
    "vector tail",
    "leaves the last C mod {} classes out of the maximum",
    lambda c: Parts(top=top_of(lambda n: slice(n - n % c))),
    WIDTHS,
)
add(
    "vector tail",
    "does not add the last C mod {} exponentials",
    lambda c: Parts(total=sum_of(lambda n: _whole(n, c))),
    WIDTHS,
)
add("vector tail", "adds stale lanes of a vector of {} once more", lambda c: Parts(total=_stale(c)), WIDTHS)
add("vector tail", "does not add the last class", lambda _: Parts(total=sum_of(lambda n: slice(0, n - 1))))
add("vector tail", "does not add the first class", lambda _: Parts(total=sum_of(lambda n: slice(1, None))))
add(
    "vector tail",
    "never writes the last C mod {} results",
    lambda c: Parts(probabilities=lambda p: _cleared(p, c), log_probabilities=lambda p: _cleared(p, c)),
    WIDTHS,
    operations=("softmax", "log_softmax"),
)
add(
    "vector tail",
    "does not normalise the last C mod {} results",
    lambda c: Parts(probabilities=lambda p: _kept(p, c)),
    WIDTHS,
    operations=("softmax", "cross_entropy_grad"),
)
add(
    "vector tail",
    "does not divide the last C mod {} gradients by the number of rows",
    lambda c: Parts(gradient=lambda p, t: np.where(_is_tail(p, c), p - t, difference(p, t)).astype(p.dtype)),
    WIDTHS,
    operations=("cross_entropy_grad",),
)
add(
    "vector tail",
    "adds the first element of every further block of {} twice",
    lambda c: Parts(total=lambda e: sum_rows(e) + sum_rows(e[:, c - 1 : -1 : c])),
    WIDTHS,
)
add(
    "vector tail",
    "leaves out a last block of {} that is full",
    lambda c: Parts(total=sum_of(lambda n: slice(n - c if n > c and n % c == 0 else n))),
    WIDTHS,
)
add(
    "vector tail",
    "drops the last C mod {} classes",
    lambda c: Parts(logits=lambda w: w[:, : w.shape[1] // c * c] if w.shape[1] >= c else w),
    WIDTHS,
)
add(
    "vector tail",
    "leaves the last m mod {} rows out of the mean",
    lambda c: Parts(
        mean=lambda each: (
            each[: len(each) - len(each) % c if len(each) > c else len(each)].sum() / each.dtype.type(len(each))
        )
    ),
    (2, 4, 8, 16),
    operations=LOSS,
)
for _label, _value in (
    ("-10", -10),
    ("-100", -100),
    ("-1000", -1e3),
    ("-10000", -1e4),
    ("-30000", -3e4),
    ("-65504", -65504),
    ("-1e9", -1e9),
    ("0", 0.0),
    ("1", 1.0),
):
    add(
        "padding",
        f"pads rows with {_label} to a multiple of {{}} (0: to a power of two)",
        _padding(_value),
        (0, 4, 8, 16, 32, 64, 128, 1024),
    )
add(
    "padding",
    "pads with 0 after the shift, to a multiple of {}",
    lambda c: Parts(total=_padded_after_the_shift(c)),
    WIDTHS,
)
add(
    "empty block",
    "gives NaN for a row with a block of {} that is all -inf",
    lambda c: Parts(total=lambda e: _nan_for_empty(e, c)),
    WIDTHS,
)
for _text, _merge in (
    (
        "adds the blocks' own sums, each relative to its own maximum,",
        lambda b: np.nan_to_num(b.sum(-1) / b.max(-1), nan=0.0).sum(-1),
    ),
    ("takes the largest of the blocks' sums", lambda b: b.sum(-1).max(-1)),
    ("takes the first block's sum", lambda b: b[:, 0].sum(-1)),
    ("takes the last block's sum", lambda b: b[:, -1].sum(-1)),
    ("averages the blocks' sums", lambda b: b.sum(-1).mean(-1)),
    ("multiplies the blocks' sums", lambda b: b.sum(-1).prod(-1)),
    ("joins the blocks by their geometric mean", lambda b: b.shape[1] * b.sum(-1).prod(-1) ** (1 / b.shape[1])),
):
    add(
        "partial results merged wrongly",
        f"{_text} for blocks of {{}} (0: halves)",
        _merging(_merge),
        (0, *WIDTHS),
    )
add(
    "partial results merged wrongly",
    "does not merge a last block that is not full, of {}",
    lambda c: Parts(total=lambda e: sum_rows(e[:, : e.shape[1] // c * c] if e.shape[1] > c else e)),
    WIDTHS,
)
add(
    "partial results merged wrongly",
    "adds the log-sum-exps of blocks of {} (0: halves)",
    lambda c: Parts(top=lambda w: _lse_of_blocks(w, c, sum_rows), total=lambda e: np.ones_like(e[:, :1])),
    (0, *WIDTHS),
    bases=("by logsumexp",),
)
add(
    "partial results merged wrongly",
    "averages the log-sum-exps of blocks of {} (0: halves)",
    lambda c: Parts(
        top=lambda w: _lse_of_blocks(w, c, lambda v: v.mean(-1, keepdims=True)), total=lambda e: np.ones_like(e[:, :1])
    ),
    (0, *WIDTHS),
    bases=("by logsumexp",),
)
add(
    "partial results merged wrongly",
    "averages the log-sum-exps of blocks of {} (0: halves) and adds their logarithm",
    lambda c: Parts(
        top=lambda w: _lse_of_blocks(w, c, lambda v: v.mean(-1, keepdims=True) + np.log(v.dtype.type(v.shape[1]))),
        total=lambda e: np.ones_like(e[:, :1]),
    ),
    (0, *WIDTHS),
    bases=("by logsumexp",),
)
add(
    "partial results merged wrongly",
    "takes the largest of the log-sum-exps of blocks of {} (0: halves)",
    lambda c: Parts(
        top=lambda w: _lse_of_blocks(w, c, lambda v: v.max(-1, keepdims=True)), total=lambda e: np.ones_like(e[:, :1])
    ),
    (0, *WIDTHS),
    bases=("by logsumexp",),
)
add(
    "partial results merged wrongly",
    "normalises each block of {} (0: halves) by itself",
    lambda c: Parts(probabilities=lambda p: _normalised_blocks(p, c, 1)),
    (0, *WIDTHS[:18]),
    operations=("softmax",),
)
add(
    "partial results merged wrongly",
    "averages the softmaxes of blocks of {} (0: halves)",
    lambda c: Parts(probabilities=lambda p: _normalised_blocks(p, c, None)),
    (0, *WIDTHS[:18]),
    operations=("softmax",),
)
add(
    "online rescale",
    "never rescales the running sum over blocks of {}",
    lambda c: Parts(running=_online(c, lambda top, peak: np.zeros_like(top))),
    (1, *WIDTHS[:18]),
)
add(
    "online rescale",
    "rescales over blocks of {} with the sign reversed",
    lambda c: Parts(running=_online(c, lambda top, peak: top[:, -1:] - top)),
    (1, *WIDTHS[:18]),
)
add(
    "online rescale",
    "rescales by the maximum of the block of {}, not by the running one",
    lambda c: Parts(running=_online(c, _own_maximum)),
    (1, *WIDTHS[:18]),
)
