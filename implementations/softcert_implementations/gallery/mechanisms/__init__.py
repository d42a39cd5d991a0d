"""Mechanisms: the families of defects as single parts of the textbook algorithm, with the constants that they may have.

The gallery holds what was seen; real code has other block sizes, epsilons and bounds, in other operations. The
diagnosis compares a failing subject with both.
"""

from __future__ import annotations

from softcert_implementations.gallery.mechanisms.catalogue import MECHANISMS, models
from softcert_implementations.gallery.mechanisms.mechanism import Mechanism, Model

__all__ = ["MECHANISMS", "Mechanism", "Model", "models"]
