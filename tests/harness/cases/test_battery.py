"""The battery covers every axis of the taxonomy in every effort, and stays within the contract's domain."""

from __future__ import annotations

import pytest

from softcert.cases.battery import BLOCKS, POWERS, VOCABULARIES, battery
from softcert.cases.domain import outside
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import LAYOUTS, build
from softcert.cases.regimes import REGIMES
from softcert_implementations.contract import Contract
from softcert_oracle.operations import CORE

TERMS = Contract().terms


def cases(effort="quick", operation="cross_entropy", format="float32", **claims):
    return battery(operation, format, EFFORTS[effort], Contract(claims).terms(operation, format), 0)


@pytest.mark.parametrize("effort", EFFORTS)
def test_every_axis_is_in_every_effort(effort):
    found = cases(effort)
    assert {c.regime for c in found} == set(REGIMES) - {"minus inf block"} | {"minus inf block"}
    assert {c.layout for c in found} == set(LAYOUTS)
    assert {c.state for c in found} == {"once", "twice", "interleaved", "alone", "reordered"}
    assert {0, 1, 2, 3} <= {c.rows_count for c in found}
    assert set(VOCABULARIES) <= {c.classes for c in found}
    assert all({p - 1, p, p + 1} <= {c.classes for c in found} for p in POWERS)
    assert {"first", "last", "argmax", "argmin", "random", "same", "minus inf"} <= {c.labels for c in found} | {
        "random"
    }


def test_block_edges_have_peaks_on_either_side():
    found = cases("standard", "softmax")
    for block in BLOCKS:
        places = {
            dict(c.parameters)["at"]
            for c in found
            if c.regime == "peak" and c.classes == 2 * block + max(1, block // 2)
        }
        assert {0, block - 1, block, 2 * block - 1, 2 * block} <= places


def test_labels_lie_beyond_every_narrow_label_type():
    largest = max(int(build(c).labels.max(initial=0)) for c in cases() if c.rows_count <= 3)
    assert largest > 65535


@pytest.mark.parametrize("operation", CORE)
def test_the_same_seed_gives_the_same_battery(operation):
    assert cases(operation=operation) == cases(operation=operation)
    assert len(set(cases(operation=operation))) == len(cases(operation=operation))


def test_a_quick_battery_has_few_distinct_shapes():
    # Compilers pay for each new shape.
    assert len({(c.rows_count, c.classes) for c in cases()}) <= 160


@pytest.mark.parametrize(
    ("claims", "excluded"),
    [
        ({"max_classes": 1024}, lambda c: c.classes > 1024),
        ({"min_classes": 2}, lambda c: c.classes < 2),
        ({"classes_multiple_of": 8}, lambda c: c.classes % 8),
        ({"max_rows": 64}, lambda c: c.rows_count > 64),
        ({"layouts": ("C",)}, lambda c: c.layout != "C"),
    ],
)
def test_cases_that_the_contract_excludes_are_left_out(claims, excluded):
    terms = Contract(claims).terms("softmax", "float32")
    for case in cases(operation="softmax", **claims):
        assert bool(outside(build(case), terms)) == bool(excluded(case))


def test_label_types_come_from_the_contract():
    found = cases(label_dtypes=("int64", "uint8"))
    assert {c.label_dtype for c in found} == {"int64", "uint8"}
    assert all(build(c).labels.max(initial=0) <= 255 for c in found if c.label_dtype == "uint8")


def test_formats_without_infinity_get_no_infinities():
    found = battery("softmax", "float8_e4m3fn", EFFORTS["quick"], TERMS("softmax", "float8_e4m3fn"), 0)
    special = {v for c in found for v in dict(c.parameters).get("values", ())}
    assert special <= {"nan"}
