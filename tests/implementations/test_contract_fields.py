"""The table of a contract's fields is whole, its examples are accepted, and the documentation holds it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from softcert_implementations.contract import FIELDS, Contract
from softcert_implementations.contract_fields import TABLE, default, table, toml
from softcert_oracle import limits
from softcert_oracle.operations import OPERATIONS


def test_the_table_has_the_fields_in_their_order():
    assert tuple(TABLE) == FIELDS


def test_the_documentation_has_the_table_that_the_code_makes():
    page = (Path(__file__).parents[2] / "docs/contract.md").read_text(encoding="utf-8")
    assert table() in page, "run: python -m softcert_implementations.contract_fields, and put it into docs/contract.md"


def test_every_algorithm_of_the_limits_is_named():
    named = set(re.findall(r'"[^"]+"', TABLE["algorithm"].meaning))
    assert named == {f'"{name}"' for name in limits.ALGORITHMS} - {'"any"'}


@pytest.mark.parametrize("name", FIELDS)
def test_an_example_is_accepted_and_differs_from_the_default(name):
    value = tomllib.loads(f"{name} = {toml(TABLE[name].example)}")[name]
    contract = Contract({name: value})
    assert contract.deviations() == {name: value}
    contract.check((operation, "float16") for operation in OPERATIONS)


@pytest.mark.parametrize("name", [name for name in FIELDS if not TABLE[name].unset])
def test_a_default_that_is_a_constant_is_the_contracts(name):
    assert Contract(tomllib.loads(f"{name} = {default(name)}")).deviations() == {}
