"""A variant takes the remedy of the family that it names, and must name one that exists."""

from __future__ import annotations

import pytest

from softcert_implementations.gallery import VARIANTS
from softcert_implementations.gallery.variants import registry
from softcert_implementations.gallery.witness import rows


def test_all_variants_are_registered():
    assert registry.all_registered() == VARIANTS


def test_an_unknown_family_is_refused():
    with pytest.raises(KeyError, match="no such family"):
        registry.variant("no such family", "float32", rows([0]), "does nothing")
    assert registry.all_registered() == VARIANTS
