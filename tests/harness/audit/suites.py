"""Checks to be audited: one that compares with SciPy's rule, one that looks at nothing, one that refuses everything."""

from __future__ import annotations

import numpy as np

from softcert import Implementation, certify
from softcert.testing import assert_within_limit


def thorough(candidate):
    """A check of softmax by derived limits, on inputs of several scales, called twice."""
    rng = np.random.default_rng(1)
    for scale in (0.1, 1.0, 100.0):
        x = (rng.standard_normal((6, 65)) * scale).astype(np.float32)
        for _ in range(2):
            assert_within_limit(candidate(x.copy()), "softmax", x)


def blind(candidate):
    """A check that only calls."""
    candidate(np.zeros((2, 3), np.float32))


def refusing(candidate):
    """A check that refuses everything, by returning False."""
    candidate(np.zeros((2, 3), np.float32))
    return False


def hanging(candidate):
    """A check that ends its process for zeros, and hangs for what is uniform."""
    import os
    import time

    got = np.asarray(candidate(np.array([[0.0, 5.0]], np.float32)))
    if not got.any():
        os._exit(9)
    if got[0, 0] == got[0, 1]:
        time.sleep(600)


def certified(candidate):
    """softcert's own certification, by the claims of the candidate's author."""
    claims = {"batched": True, **candidate.contract}
    mine = Implementation("candidate", {candidate.operation: candidate}, candidate.format, **claims)
    return certify(mine, effort="quick", isolation="none", fail_fast=True).certified
