"""Judging many calls at once: their values are stacked by class count and judged as columns.

Calls with options, with no logits, or with rows that have no ordinary numbers are left to `softcert.engine.judge`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from softcert.engine.case_table import CaseTable
from softcert.engine.judge import Judgement
from softcert.properties.judged_call import JudgedCall
from softcert_oracle import judging, operations

_LARGEST_LOSS = 2.0**14
"""Batches whose losses might sum beyond the narrowest sum format (65504 for float16) are judged by themselves."""


def evaluate(operation: str, judgements: Sequence[Judgement]) -> tuple[list[Judgement], CaseTable]:
    """The same judgements, with the checks of their values made in blocks where that can be done, and their table.

    Parameters
    ----------
    operation, judgements
        Judgements of calls of one operation under one contract.
    """
    table = CaseTable(operation, len(judgements))
    for places in _groups(judgements).values():
        _judge_block([judgements[k].output for k in places], places, table)
    known = [j if row is None else j.with_values(row) for j, row in zip(judgements, table.rows, strict=True)]
    return known, table


def _groups(judgements: Sequence[Judgement]) -> dict[int, list[int]]:
    """Places of the judgements that can be stacked, by class count."""
    groups: dict[int, list[int]] = defaultdict(list)
    for k, judgement in enumerate(judgements):
        if judgement.output is not None and _stackable(judgement.output):
            groups[judgement.case.classes].append(k)
    return groups


def _stackable(output: JudgedCall) -> bool:
    x = output.inputs.exact
    if output.call.has_options or output.operation not in operations.CORE or x.size == 0:
        return False
    if output.operation != "cross_entropy" or output.terms.reduction == "none":
        return True
    finite = np.abs(x[np.isfinite(x)]).max(initial=0.0)
    return bool(2.0 * finite * len(x) < _LARGEST_LOSS)


def _judge_block(found: Sequence[JudgedCall | None], places: Sequence[int], table: CaseTable) -> None:
    outputs = [output for output in found if output is not None]
    first = outputs[0]
    starts = np.cumsum([0, *(len(o.inputs.exact) for o in outputs)])
    x = np.concatenate([o.inputs.exact for o in outputs])
    block = judging.Block(
        operation=first.operation,
        parameters=first.terms.limit_parameters,
        x=x,
        starts=starts.astype(np.int64),
        got=np.concatenate([np.atleast_1d(o.got) for o in outputs]),
        labels=_labels(outputs),
    )
    columns = judging.judge_block(block)
    if not block.reduced:
        columns = columns.by_case(block.starts)
    table.enter(places, outputs, columns)
    sizes = np.abs(x)
    by_row = np.where(np.isfinite(sizes), sizes, 0.0).max(axis=1)
    table.magnitude[np.asarray(places)] = np.maximum.reduceat(by_row, starts[:-1])


def _labels(outputs: Iterable[JudgedCall]) -> np.ndarray | None:
    labels = [o.expected.labels for o in outputs]
    return None if labels[0] is None else np.concatenate([v for v in labels if v is not None])
