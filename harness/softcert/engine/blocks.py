"""Judging many calls at once: their values are stacked by class count and judged as columns.

The checks of a call that come out of a block are those that `softcert.engine.judge` makes of the call alone. Calls with
options, with no logits, or with rows that have no ordinary numbers are left to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from softcert.engine.judge import Judgement, ValueChecks
from softcert.properties import accuracy, structure
from softcert.properties.check import NAN, VACUOUS, VALUE, Check
from softcert.properties.judged_call import JudgedCall
from softcert_oracle import judging, operations
from softcert_oracle.judging import CheckColumn, Columns
from softcert_oracle.judging.columns import WHOLE_ROW
from softcert_oracle.levels import Level

_LARGEST_LOSS = 2.0**14
"""Batches whose losses might sum beyond the narrowest sum format (65504 for float16) are judged by themselves."""


def evaluate(judgements: Sequence[Judgement]) -> list[Judgement]:
    """The same judgements, with the checks of their values made in blocks where that can be done.

    Parameters
    ----------
    judgements
        Judgements of calls of one operation under one contract.
    """
    evaluated = list(judgements)
    for places in _groups(judgements).values():
        checks = _checks_of_block([judgements[k] for k in places])
        for k, made in zip(places, checks, strict=True):
            if made is not None:
                evaluated[k] = judgements[k].with_values(made)
    return evaluated


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


def _checks_of_block(judgements: Sequence[Judgement]) -> list[ValueChecks | None]:
    outputs = [j.output for j in judgements if j.output is not None]
    first = outputs[0]
    starts = np.cumsum([0, *(len(o.inputs.exact) for o in outputs)])
    block = judging.Block(
        operation=first.operation,
        parameters=first.terms.limit_parameters,
        x=np.concatenate([o.inputs.exact for o in outputs]),
        starts=starts.astype(np.int64),
        got=np.concatenate([np.atleast_1d(o.got) for o in outputs]),
        labels=_labels(outputs),
    )
    columns = judging.judge_block(block)
    if not block.reduced:
        columns = columns.by_case(block.starts)
    return [_checks_of_case(output, columns, k) for k, output in enumerate(outputs)]


def _labels(outputs: Iterable[JudgedCall]) -> np.ndarray | None:
    labels = [o.expected.labels for o in outputs]
    return None if labels[0] is None else np.concatenate([v for v in labels if v is not None])


def _checks_of_case(output: JudgedCall, columns: Columns, k: int) -> ValueChecks | None:
    """The checks of one case of a block; None where it has rows that are judged by their special values alone."""
    if not columns.ordinary[k] or not columns.plain[k]:
        return None
    special = [accuracy.check_special(output)] if columns.absent[k] else []
    stable = _accuracy(output, columns, k, Level.STABLE)
    sound = _accuracy(output, columns, k, Level.SOUND) if stable.failed else accuracy.within_sound(stable)
    finite = _finite(output, columns, k, Level.SOUND if sound.failed else Level.STABLE)
    higher = {level: _accuracy(output, columns, k, level) for level in accuracy.HIGHER}
    return ValueChecks(
        accuracy=(*special, finite, sound, stable),
        higher=higher,
        structure=tuple(_structure(output, columns, k)),
        rounded=int(columns.plain[k]),
        not_nearest=int(columns.not_nearest[k]),
    )


def _index(output: JudgedCall, column: CheckColumn, k: int) -> tuple[int, ...]:
    return (int(column.row[k]), int(column.index[k]))[: output.got.ndim]


def _accuracy(output: JudgedCall, columns: Columns, k: int, level: Level) -> Check:
    column = columns.checks[accuracy.PROPERTY, level]
    if not column.checked[k]:
        return Check(property_name=accuracy.PROPERTY, level=level, checked=0, cause=VACUOUS)
    index = _index(output, column, k)
    violated = int(column.violated[k])
    return Check(
        property_name=accuracy.PROPERTY,
        level=level,
        checked=int(column.checked[k]),
        violated=violated,
        undecided=int(column.undecided[k]),
        ratio=float(column.ratio[k]),
        index=index,
        cause=accuracy.cause(output, index) if violated else "",
        measured=float(column.measured[k]),
        limit=float(column.limit[k]),
        unit="ulp",
        ulp=float(columns.ulp[k]),
        histogram=columns.histogram[k] if level == Level.STABLE else None,
    )


def _finite(output: JudgedCall, columns: Columns, k: int, level: Level) -> Check:
    column = columns.checks["finite", level]
    violated = int(column.violated[k])
    if not violated:
        return Check(property_name="finite", level=level, checked=int(columns.plain[k]))
    index = _index(output, column, k)
    return Check(
        property_name="finite",
        level=level,
        checked=int(columns.plain[k]),
        violated=violated,
        ratio=np.inf,
        index=index,
        cause=accuracy.cause(output, index),
    )


def _structure(output: JudgedCall, columns: Columns, k: int) -> Iterable[Check]:
    for name in structure.names(output.operation):
        level = Level.STABLE
        if columns.checks[name, level].violated[k] and columns.checks[name, Level.SOUND].violated[k]:
            level = Level.SOUND
        column = columns.checks[name, level]
        index = _index(output, column, k)
        violated, ratio = int(column.violated[k]), float(column.ratio[k])
        if name in WHOLE_ROW:
            index = index[:1]
        broken = violated and bool(np.isnan(output.got[index[:1]]).any())
        yield Check(
            property_name=name,
            level=level,
            checked=int(columns.checks[name, Level.STABLE].checked[k]),
            violated=violated,
            undecided=int(column.undecided[k]),
            ratio=ratio,
            index=index,
            cause="" if not violated else NAN if broken else VALUE,
            measured=ratio,
            limit=1.0,
            unit="slack",
        )
