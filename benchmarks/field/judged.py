"""What was found by looking at each refusal by hand: a defect, a formula's limit, a documented choice, or open.

A refusal that nobody has looked at is "open", never a defect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One judgement of the refusals that match.

    Attributes
    ----------
    library, operation, format, property : str
        Patterns, as of a shell.
    kind : str
        "defect", "formula" (the usual code, where the library offers no function), "documented choice" or "open".
    why : str
        The reason in a sentence or two.
    snippet : str
        The name of a script in docs/field/snippets that shows it without softcert; "" if there is none.
    """

    library: str
    operation: str = "*"
    format: str = "*"
    property: str = "*"
    kind: str
    why: str
    snippet: str = ""


_CLAMP = "Shifted logits are clamped at -64 before the exponential. The docstrings do not mention it."
_FLUSH = "A normal float32 result is replaced by 0: the exponential is cut off above the smallest normal number."
_FORMULA = "The usual formula, not code of the library, which offers no such function."

JUDGED: tuple[Judged, ...] = (
    Judged(
        library="numpy", operation="logsumexp", kind="formula", why=f"{_FORMULA} An infinite maximum gives inf - inf."
    ),
    Judged(
        library="autograd",
        operation="cross_entropy*",
        kind="formula",
        why=f"{_FORMULA} The log-sum-exp less the label's logit is not safe against a large common offset.",
    ),
    Judged(
        library="xgboost",
        property="result_shape",
        kind="open",
        why="A batch of no rows gives the shape (0,). Whether strict_shape is meant to cover it was not examined.",
    ),
    *(
        Judged(
            library=library,
            operation="softmax",
            property="finite",
            kind="open",
            why="The exact result is below the smallest normal number. This refusal is ours: the contract of the run "
            "claimed flush_subnormals for gradients only, where it ought to for all operations.",
        )
        for library in ("mlx", "tensorflow-plain")
    ),
    Judged(
        library="tensorflow",
        property="special_values",
        kind="open",
        why="Seen with oneDNN on, not with oneDNN off, where the whole row is NaN. No snippet was run yet.",
    ),
    Judged(
        library="mlx",
        operation="log_softmax",
        property="completes",
        kind="defect",
        why="The process ends by a segmentation fault for a row of one class.",
        snippet="mlx_log_softmax_crash.py",
    ),
    Judged(
        library="onnx",
        operation="log_softmax",
        kind="defect",
        why="The logarithm is taken of a softmax that was rounded, and may have become 0.",
        snippet="onnx_log_softmax.py",
    ),
    Judged(library="openvino", property="finite", kind="defect", why=_FLUSH, snippet="openvino_softmax_small.py"),
    Judged(
        library="openvino",
        operation="softmax",
        property="special_values",
        kind="open",
        why="A NaN stays in its own class; the class at -inf becomes 0. No documented policy was looked for.",
        snippet="openvino_softmax_nan.py",
    ),
    Judged(
        library="paddle",
        operation="logsumexp",
        property="special_values",
        kind="defect",
        why="An infinite maximum is subtracted from itself, which gives NaN.",
        snippet="paddle_logsumexp_infinite.py",
    ),
    Judged(
        library="paddle",
        operation="log_softmax",
        property="completes",
        kind="open",
        why="The machine was shared while this ran, so that a slow answer is not known to be the library's fault.",
    ),
    Judged(
        library="paddle",
        operation="log_softmax",
        kind="defect",
        why=_CLAMP,
        snippet="paddle_log_softmax_clamp.py",
    ),
    Judged(
        library="paddle",
        operation="cross_entropy",
        property="[ar]*",
        kind="defect",
        why=_CLAMP,
        snippet="paddle_cross_entropy_clamp.py",
    ),
    Judged(
        library="paddle",
        operation="cross_entropy_grad",
        property="accuracy",
        kind="defect",
        why=_CLAMP,
        snippet="paddle_gradient_masked.py",
    ),
    Judged(
        library="paddle",
        operation="softmax",
        property="accuracy",
        kind="defect",
        why=_CLAMP,
        snippet="paddle_softmax_masked.py",
    ),
    Judged(
        library="paddle",
        operation="softmax",
        property="special_values",
        kind="defect",
        why="A class at -inf gets a positive probability, and a row with a NaN or +inf becomes ordinary probabilities.",
        snippet="paddle_softmax_nan.py",
    ),
)
"""The first that matches holds."""

OPEN = Judged(library="*", kind="open", why="Not examined by hand yet: it may be a choice that the library documents.")


def of(row: Mapping[str, Any], finding: Mapping[str, Any]) -> Judged:
    """The judgement of one finding of one row of the document."""
    for judged in JUDGED:
        asked = ((judged.library, row["library"]), (judged.operation, row["operation"]))
        asked += ((judged.format, row["format"]), (judged.property, finding["property"]))
        if all(fnmatchcase(value, pattern) for pattern, value in asked):
            return judged
    return OPEN
