"""The table of operations is consistent with itself."""

from __future__ import annotations

import pytest

from softcert_oracle.errors import UsageError
from softcert_oracle.operations import CORE, OPERATIONS, OPTIONS, lookup


def test_every_name_and_every_alias_leads_to_one_operation() -> None:
    names = [name for o in OPERATIONS.values() for name in (o.name, *o.aliases)]
    assert len(names) == len(set(names))
    assert [lookup(n).name for n in names] == [o.name for o in OPERATIONS.values() for _ in (o.name, *o.aliases)]


def test_options_and_derivatives_are_entries_of_the_tables() -> None:
    for operation in OPERATIONS.values():
        assert set(operation.options) <= set(OPTIONS), operation.name
        assert operation.derivative_of is None or operation.derivative_of in OPERATIONS


def test_the_core_operations_take_logits_first_and_labels_second_if_at_all() -> None:
    for name in CORE:
        kinds = [a.kind for a in OPERATIONS[name].arguments]
        assert kinds == (["values", "labels"] if OPERATIONS[name].takes_labels else ["values"])
    assert [n for n in CORE if OPERATIONS[n].takes_labels] == ["cross_entropy", "cross_entropy_grad"]


def test_an_unknown_operation_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean 'cross_entropy'"):
        lookup("crossentropi")
