"""A case stands for values of the axes and for their crossings."""

from __future__ import annotations

import pytest

from softcert.cases.case import Case
from softcert.cases.coverage import crossings, row_class, size_class


@pytest.mark.parametrize(
    ("classes", "name"),
    [
        (1, "1"),
        (3, "3"),
        (4, "4 to 16"),
        (17, "17 to 128"),
        (129, "129 to 1024"),
        (4099, "1025 to 4099"),
        (4100, "vocabulary"),
    ],
)
def test_class_counts_are_gathered(classes, name):
    assert size_class(classes) == name


@pytest.mark.parametrize(
    ("rows", "classes", "name"),
    [
        (0, 3, "0"),
        (2, 3, "2"),
        (3, 3, "rows = classes"),
        (1, 1, "1"),
        (64, 3, "3 to 64"),
        (65, 3, "65 to 1024"),
        (1025, 3, "more than 1024"),
    ],
)
def test_row_counts_are_gathered(rows, classes, name):
    assert row_class(Case.of("ordinary", rows, classes, "float32")) == name


def test_a_case_meets_axes_and_crossings():
    met = set(crossings(Case.of("ties", 2, 5, "float32", layout="Fortran", labels="at 3", state="alone")))
    assert {("layout", "Fortran"), ("state", "alone"), ("regime x classes", "ties x 4 to 16")} <= met
    assert ("regime x labels", "ties x chosen class") in met
    assert ("layout x shape", "Fortran x 2") in met
    assert ("layout x shape", "C x 2") not in set(crossings(Case.of("ties", 2, 5, "float32")))
