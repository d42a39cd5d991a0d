"""The battery covers every axis of the taxonomy in every effort, and stays within the contract's domain."""

from __future__ import annotations

import json
import zlib

import pytest

from softcert.cases.battery import BATTERY_VERSION, BLOCKS, POWERS, VOCABULARIES, battery
from softcert.cases.domain import outside
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build
from softcert.cases.layouts import LAYOUTS
from softcert.cases.regimes.families import REGIMES
from softcert_implementations.contract import Contract
from softcert_oracle.operations import CORE

TERMS = Contract().terms


def cases(effort="quick", operation="cross_entropy", format="float32", **claims):
    return battery(operation, format, EFFORTS[effort], Contract(claims).terms(operation, format), 0)


@pytest.mark.parametrize("effort", EFFORTS)
def test_every_axis_is_in_every_effort(effort):
    found = cases(effort)
    assert {c.regime for c in found} == set(REGIMES)
    assert {c.layout for c in found} == set(LAYOUTS)
    assert {c.state for c in found} == {"once", "twice", "interleaved", "alone", "reordered", "altered"}
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
    assert len({(c.rows_count, c.classes) for c in cases()}) <= 270


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


# How many cases, and CRC-32 of their recipes: BATTERY_VERSION stands in every certificate.
DIGESTS = {
    ("softmax", "float32", "quick"): (705, 890376883),
    ("softmax", "float32", "standard"): (1825, 933492287),
    ("softmax", "float32", "thorough"): (2601, 3798477621),
    ("cross_entropy", "float32", "quick"): (894, 2712162038),
    ("cross_entropy", "float32", "standard"): (2034, 723294611),
    ("cross_entropy", "float32", "thorough"): (2811, 111872668),
    ("logsumexp", "float64", "quick"): (758, 2701165326),
    ("logsumexp", "float64", "standard"): (1929, 2371695617),
    ("log_softmax", "bfloat16", "quick"): (731, 488108782),
    ("log_softmax", "bfloat16", "standard"): (1881, 2170482306),
    ("cross_entropy_grad", "float16", "quick"): (884, 3541247700),
    ("cross_entropy_grad", "float16", "standard"): (2004, 1746241076),
    ("cross_entropy", "float8_e4m3fn", "quick"): (749, 951168525),
    ("cross_entropy", "float8_e4m3fn", "standard"): (1765, 655935828),
}


@pytest.mark.parametrize(("operation", "format", "effort"), DIGESTS)
def test_a_battery_of_one_version_has_the_same_cases_for_ever(operation, format, effort):
    terms = Contract({"invalid_labels": "nan", "label_dtypes": ("int64", "uint8")}).terms(operation, format)
    found = battery(operation, format, EFFORTS[effort], terms, 7)
    text = json.dumps([c.to_json() for c in found], sort_keys=True)
    assert BATTERY_VERSION == 3
    assert (len(found), zlib.crc32(text.encode())) == DIGESTS[operation, format, effort], "raise BATTERY_VERSION"


def test_random_labels_of_labelled_operations_follow_every_rule_and_the_seed_fills_in():
    found = battery("cross_entropy", "float32", EFFORTS["quick"], TERMS("cross_entropy", "float32"), 11)
    assert {c.seed for c in found} <= {11}
    plain = {
        c.labels for c in found if (c.regime, c.rows_count, c.classes) == ("ordinary", 4, 10) and c.state != "once"
    }
    assert plain <= {"argmax", "argmin", "last", "first", "random"}
    assert len(plain) > 2
    standard = battery("softmax", "float32", EFFORTS["standard"], TERMS("softmax", "float32"), 11)
    assert {c.seed for c in standard} == {11, 1, 2}
