"""The variants belong to families of the gallery, each of them written in its own order."""

from __future__ import annotations

from softcert_implementations.gallery import VARIANTS, by_family


def test_every_variant_names_a_family_that_the_models_have():
    assert {each.family for each in VARIANTS} <= set(by_family())


def test_every_variant_has_the_remedy_of_its_family():
    families = by_family()
    assert all(each.remedy in {defect.remedy for defect in families[each.family]} for each in VARIANTS)


def test_variants_stand_family_by_family():
    assert [each for members in by_family(VARIANTS).values() for each in members] == list(VARIANTS)
