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
        (4099, "1025 to 8192"),
        (8193, "more than 8192"),
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


def test_every_place_of_a_case():
    case = Case.of("peak", 3, 5, "float32", layout="Fortran", labels="at 3", label_dtype="int8", state="twice")
    assert list(crossings(case)) == [
        ("position", "peak"),
        ("classes", "4 to 16"),
        ("rows", "3 to 64"),
        ("layout", "Fortran"),
        ("state", "twice"),
        ("labels", "at 3"),
        ("label type", "int8"),
        ("regime x classes", "peak x 4 to 16"),
        ("regime x rows", "peak x 3 to 64"),
        ("regime x labels", "peak x chosen class"),
        ("classes x rows", "4 to 16 x 3 to 64"),
        ("layout x shape", "Fortran x 3 to 64"),
    ]
    assert ("regime x labels", "peak x last") in crossings(case.with_(labels="last"))


def test_a_case_of_no_regime_is_explicit():
    assert next(iter(crossings(Case.of("drawn", 1, 2, "float32")))) == ("explicit", "drawn")


def test_gathered_counts_leave_no_gap():
    sizes = ["1", "2", "3", "4 to 16", "17 to 128", "129 to 1024", "1025 to 8192", "more than 8192"]
    assert list(dict.fromkeys(size_class(n) for n in range(1, 9000))) == sizes
    rows = ["0", "1", "2", "3 to 64", "65 to 1024", "more than 1024"]
    assert list(dict.fromkeys(row_class(Case.of("ties", n, 9000, "float32")) for n in range(3000))) == rows
    for last in (2, 3, 16, 128, 1024, 8192):
        assert size_class(last) != size_class(last + 1)
    for last in (2, 64, 1024):
        assert row_class(Case.of("ties", last, 9000, "float32")) != row_class(
            Case.of("ties", last + 1, 9000, "float32")
        )
    assert row_class(Case.of("ties", 2, 2, "float32")) == "rows = classes"
