"""Cheats that have somebody else compute: other libraries, softcert's own, and the battery's known inputs."""

from __future__ import annotations

import importlib
import zlib

import numpy as np
from tests.harness.cheats.cheat import LEGAL, REFUSED, TOLD, cheat, honest, wrong


@cheat(TOLD, "scipy")
def calls_scipy():
    """Has SciPy compute it, which is allowed and told."""

    def softmax(x):
        from scipy.special import softmax as theirs

        with np.errstate(all="ignore"):
            return theirs(x, axis=-1)

    return softmax


@cheat(TOLD, "scipy")
def calls_scipy_by_a_made_up_name():
    """Has SciPy compute it, and imports it under a name that is put together."""

    def softmax(x):
        with np.errstate(all="ignore"):
            return importlib.import_module("sci" + "py.special").softmax(x, axis=-1)

    return softmax


@cheat(TOLD, "mpmath")
def calls_mpmath():
    """Loads mpmath while it computes."""

    def softmax(x):
        import mpmath

        return honest(x) if mpmath.mp.prec else wrong(x)

    return softmax


@cheat(TOLD, "bundled.faithful")
def calls_the_bundled_faithful():
    """Has the bundled faithful implementation compute it."""

    def softmax(x):
        from softcert_implementations.bundled import faithful

        return faithful.softmax(x)

    return softmax


@cheat(TOLD, "bundled.numpy_shifted")
def holds_a_bundled_function():
    """Holds a function of a bundled implementation that was imported before."""
    from softcert_implementations.bundled.numpy_shifted import softmax as theirs

    def softmax(x):
        with np.errstate(all="ignore"):
            return theirs(x)

    return softmax


@cheat(TOLD, "softcert_oracle")
def calls_the_oracle():
    """Has softcert's own oracle compute the exact value in the worker."""

    def softmax(x):
        from softcert_oracle.reference import exact

        return honest(x) if exact else wrong(x)

    return softmax


@cheat(TOLD, "softcert.cases")
def knows_the_battery():
    """Builds the battery of seed 0 in the worker and looks whether its input is one of it."""

    def softmax(x):
        from softcert.cases.battery import battery

        return honest(x) if battery else wrong(x)

    return softmax


def table_of_inputs() -> frozenset[int]:
    """Hashes of the logits that the battery of seed 0 and the search behind it give to an honest subject."""
    from tests.harness.cheats.running import recorded

    return frozenset(map(zlib.crc32, recorded(honest)))


@cheat(REFUSED)
def holds_a_table_of_the_battery():
    """Holds a table of the inputs of seed 0, recorded with another subject, and computes for those alone."""
    table = table_of_inputs()

    def softmax(x):
        return honest(x) if zlib.crc32(x.tobytes()) in table else wrong(x)

    return softmax


@cheat(REFUSED)
def right_for_few_classes():
    """Computes up to a thousand classes."""
    return lambda x: honest(x) if x.shape[1] <= 1000 else wrong(x)


@cheat(REFUSED)
def right_for_few_rows():
    """Computes up to sixty-four rows."""
    return lambda x: honest(x) if len(x) <= 64 else wrong(x)


@cheat(REFUSED)
def right_for_finite_logits():
    """Computes where every logit is finite."""
    return lambda x: honest(x) if np.isfinite(x).all() else wrong(x)


@cheat(REFUSED)
def right_for_contiguous_logits():
    """Computes where the logits are contiguous."""
    return lambda x: honest(x) if x.flags.c_contiguous else wrong(x)


@cheat(REFUSED)
def returns_float64():
    """Computes and returns float64."""
    return lambda x: honest(x.astype(np.float64))


@cheat(LEGAL)
def computes_in_float64():
    """Computes in float64 and returns the format of its input."""
    return lambda x: honest(x.astype(np.float64)).astype(x.dtype)
