"""Radii of the fast path, relative, in units of u^2 = 2^-106: each is derived step by step in docs/oracle.md.

The derived constants stand beside; what is left up to the radius covers the terms of third order.
"""

from __future__ import annotations

U2 = 2.0**-106

SOFTMAX_RADIUS = 40 * U2
"""31.4: exponential 4, s 11.4, its reciprocal 10, product 6."""

COMPLEMENT_RADIUS = 64 * U2
"""57.2: s - e^d 29.8 (s and e^d count at most twice and once there, the difference 3), 1 / s 21.4, product 6."""

LOG_SUM_RADIUS = 40 * U2
"""33.4: tau 8.3, log1p 25.1."""

LOG_SOFTMAX_RADIUS = 40 * U2
"""36.4: d and L have one sign, so that of L 33.4, and the difference 3."""

SHIFTED_SUM_RADIUS = 4 * U2
"""3: the sum max + L itself, relative to the result; the radius of L is added to it."""
