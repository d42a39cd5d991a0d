"""The catalogue of limits in words has a row for everything that has a limit."""

from __future__ import annotations

import itertools

import numpy as np

from softcert_oracle import limits, operations
from softcert_oracle.limits import LimitParameters, formulas
from softcert_oracle.reference import truth

X = np.array([[0.0, 1.0, -3.0, 2.5], [4.0, 4.0, 4.0, 4.0], [0.0, -80.0, -900.0, -5.0], [1e4, 1e4 + 2, 9990.0, -np.inf]])
LABELS = np.array([2, 0, 0, 1])


def test_the_catalogue_has_a_row_for_each_operation_and_level_with_a_derivation_and_a_source():
    entries = formulas.catalogue()
    keys = {(e.operation, e.level, e.algorithm) for e in entries}
    assert len(keys) == len(entries)
    assert keys >= set(itertools.product(operations.CORE, limits.LEVELS, ["any"]))
    assert all(e.formula and e.derivation and e.source for e in entries)


def test_each_named_algorithm_of_the_catalogue_has_a_limit_and_no_other_has():
    rows = truth.rows(X.astype(np.float32))
    named = {(e.operation, e.algorithm) for e in formulas.catalogue() if e.level == "stable"}
    for operation, algorithm in itertools.product(operations.CORE, limits.ALGORITHMS[1:]):
        found = limits.sharp_limit(operation, rows, LABELS, LimitParameters(format="float32", algorithm=algorithm))
        assert (found is not None) == ((operation, algorithm) in named), (operation, algorithm)
