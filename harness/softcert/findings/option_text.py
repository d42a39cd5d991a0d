"""Options of a case in words, for findings."""

from __future__ import annotations

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.cases.option_call import optioned, prepare

_SHOWN = 8


def described(operation: str, case: Case) -> str:
    """What a call has beside logits and labels, as "weight=[...], temperature=0.5"; "" for a plain one."""
    if not optioned(operation, case):
        return ""
    prepared = prepare(operation, case)
    given = {k: v for k, v in prepared.arguments.items() if k not in ("x", "labels")}
    labels = prepared.arguments.get("labels")
    if labels is not None and not np.array_equal(labels.reshape(-1), build(case).labels):
        given["labels"] = labels  # some were put to the label that is ignored
    given.update({k: v for k, v in prepared.options.items() if k != "out"})
    text = [f"{name}={_value(value)}" for name, value in given.items()]
    if "out" in prepared.options:
        text.append("out given")
    return ", ".join(text)


def _value(value: object) -> str:
    if not isinstance(value, np.ndarray):
        return repr(value)
    flat = [str(v) if isinstance(v, bool) else f"{float(v):.6g}" for v in value.reshape(-1)[:_SHOWN].tolist()]
    text = f"[{', '.join(flat)}{', …' if value.size > _SHOWN else ''}]"
    return f"{text} of shape {value.shape}" if value.ndim > 1 else text
