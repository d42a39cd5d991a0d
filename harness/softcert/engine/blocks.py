"""Judging many calls at once: their values are stacked by class count and judged as columns.

Calls with options, with no logits or without ordinary numbers are left to `softcert.properties.accuracy`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from softcert.engine.case_table import CaseTable
from softcert.engine.judge import Judgement
from softcert.properties import stacked
from softcert.properties.judged_call import JudgedCall


def evaluate(operation: str, judgements: Sequence[Judgement]) -> tuple[list[Judgement], CaseTable]:
    """The same judgements, with the checks of their values made in blocks where that can be done, and their table.

    Parameters
    ----------
    operation, judgements
        Judgements of calls of one operation under one contract.
    """
    table = CaseTable(operation, len(judgements))
    for places, outputs in _groups(judgements).values():
        table.enter(places, outputs, stacked.columns_of(outputs))
        table.magnitude[places] = _largest_logits(outputs)
    known = [j if row is None else j.with_values(row) for j, row in zip(judgements, table.rows, strict=True)]
    return known, table


def _groups(judgements: Sequence[Judgement]) -> dict[int, tuple[list[int], list[JudgedCall]]]:
    """Judgements that can be stacked, by class count: their places, and their outputs."""
    groups: dict[int, tuple[list[int], list[JudgedCall]]] = defaultdict(lambda: ([], []))
    for place, judgement in enumerate(judgements):
        output = judgement.output
        if output is not None and stacked.stackable(output):
            places, outputs = groups[judgement.case.classes]
            places.append(place)
            outputs.append(output)
    return groups


def _largest_logits(outputs: Sequence[JudgedCall]) -> np.ndarray:
    """The largest finite abs(logit) of each output's case."""
    sizes = np.abs(np.concatenate([o.inputs.exact for o in outputs]))
    by_row = np.where(np.isfinite(sizes), sizes, 0.0).max(axis=1)
    return np.asarray(np.maximum.reduceat(by_row, np.cumsum([0, *(len(o.inputs.exact) for o in outputs[:-1])])))
