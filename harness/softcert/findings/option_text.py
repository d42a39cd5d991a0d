"""Options of a call in words, for findings."""

from __future__ import annotations

import numpy as np

from softcert.cases.call import OUT, Call

_SHOWN = 8  # numbers of an array that are shown


def option_text(call: Call) -> str:
    """The arguments beside logits and labels, as "weight=[...], temperature=0.5"; "" for a plain call."""
    if not call.has_options:
        return ""
    given = {k: v for k, v in call.arguments.items() if k not in ("x", "labels")}
    labels = call.arguments.get("labels")
    if labels is not None and not np.array_equal(labels.reshape(-1), call.inputs.labels):
        given["labels"] = labels  # some are the label that is ignored
    given.update({k: v for k, v in call.options.items() if k != OUT})
    text = [f"{name}={_value(value)}" for name, value in given.items()]
    if OUT in call.options:
        text.append("out given")
    return ", ".join(text)


def _value(value: object) -> str:
    if not isinstance(value, np.ndarray):
        return repr(value)
    flat = [str(v) if isinstance(v, bool) else f"{float(v):.6g}" for v in value.reshape(-1)[:_SHOWN].tolist()]
    text = f"[{', '.join(flat)}{', …' if value.size > _SHOWN else ''}]"
    return f"{text} of shape {value.shape}" if value.ndim > 1 else text
