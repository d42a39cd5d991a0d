"""Judged calls in Hypothesis's observability format."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis.internal.observability import TestCaseObservation

from softcert.cases.case import Case
from softcert.certification.plan import Plan
from softcert.commands.certify import Run
from softcert.properties.table import PROPERTIES


def naive(x):
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(x)
        return e / e.sum(axis=-1, keepdims=True)


@pytest.fixture(scope="module")
def lines(tmp_path_factory) -> list[dict]:
    """A run of a subject that fails, and the lines that it leaves."""
    path: Path = tmp_path_factory.mktemp("observed") / "observed.jsonl"
    path.touch()
    run = Run(Plan.of("quick", observations=path, isolation="none"))
    run.add(naive, op="softmax", dtypes="float32")
    run.certify()
    return [json.loads(line, parse_constant=pytest.fail) for line in path.read_text().splitlines()]


def test_a_line_has_the_fields_that_hypothesis_writes(lines):
    assert all(set(line) == {f.name for f in fields(TestCaseObservation)} for line in lines)
    assert {line["type"] for line in lines} == {"test_case"}
    assert {line["property"] for line in lines} == {"naive softmax float32"}
    assert len({line["run_start"] for line in lines}) == 1


def test_every_violated_property_of_a_level_has_a_line_that_failed(lines):
    failed = [line for line in lines if line["status"] == "failed"]
    named = {name for line in failed for name in line["status_reason"].split(", ")}
    assert {"finite", "accuracy", "sum_to_one"} <= named <= set(PROPERTIES)
    passed = [line for line in lines if line["status"] == "passed"]
    assert passed
    assert not any(line["status_reason"] for line in passed)
    assert len(failed) + len(passed) == len(lines)


def test_the_arguments_of_a_line_are_a_recipe_that_can_be_run_again(lines):
    case = Case.from_json(lines[0]["arguments"])
    assert (case.rows_count, case.classes) == (lines[0]["features"]["rows"], lines[0]["features"]["classes"])
    assert json.loads(lines[0]["representation"]) == lines[0]["arguments"]


def test_a_file_that_is_gone_costs_the_run_nothing(tmp_path):
    run = Run(Plan.of("quick", observations=tmp_path / "gone" / "observed.jsonl", isolation="none", fail_fast=True))
    run.add(naive, op="softmax", dtypes="float32")
    run.certify()
    assert run.results[0].findings
    assert not (tmp_path / "gone").exists()
