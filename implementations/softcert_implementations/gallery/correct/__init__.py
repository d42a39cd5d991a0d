"""Correct implementations, however unusual, with the level that each must hold: a check that fails one is wrong."""

from __future__ import annotations

from softcert_implementations.gallery.correct.catalogue import CORRECT

__all__ = ["CORRECT"]
