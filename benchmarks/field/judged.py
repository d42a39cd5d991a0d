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
_ONEDNN = "Seen with oneDNN on, which is TensorFlow's default here, not with oneDNN off."
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
        kind="defect",
        why="A batch of no rows gives the shape (0,), with strict_shape=True too, which promises two dimensions.",
        snippet="xgboost_no_rows.py",
    ),
    *(
        Judged(library=library, operation="softmax", property=property, kind="defect", why=why, snippet=snippet)
        for library in ("tensorflow", "keras")
        for property, why, snippet in (
            ("finite", f"{_FLUSH} {_ONEDNN}", "tensorflow_softmax_small.py"),
            ("special_values", f"A NaN stays in its own class. {_ONEDNN}", "tensorflow_softmax_nan.py"),
        )
    ),
    Judged(
        library="optax",
        operation="cross_entropy",
        kind="defect",
        why="The loss is the log-sum-exp less the label's logit, each rounded at the size of the logits, so a small "
        "loss of large logits is lost. No documentation of this was found.",
        snippet="optax_cross_entropy_cancels.py",
    ),
    Judged(
        library="onnxruntime",
        operation="log_softmax",
        format="float64",
        property="special_values",
        kind="defect",
        why="A row with a NaN gives ordinary numbers in float64; in float32 it gives NaN.",
        snippet="onnxruntime_log_softmax_nan.py",
    ),
    Judged(
        library="liger",
        operation="cross_entropy",
        kind="defect",
        why="The loss is the log-sum-exp less the label's logit, each rounded at the size of the logits, so a small "
        "loss of large logits is lost. torch's own function keeps it. No documentation of this was found.",
        snippet="liger_cross_entropy_cancels.py",
    ),
    Judged(
        library="liger",
        operation="cross_entropy_grad",
        property="input_unchanged",
        kind="documented choice",
        why="The gradient is stored in the logits, to save memory: a comment in the source says so.",
    ),
    Judged(
        library="liger",
        operation="cross_entropy_grad",
        kind="defect",
        why="Logits whose columns are not adjacent are copied within the forward pass; the copy does not require a "
        "gradient, so none is computed, and the logits themselves are returned as the gradient.",
        snippet="liger_cross_entropy_gradient_strided.py",
    ),
    Judged(
        library="tinygrad",
        operation="logsumexp",
        property="special_values",
        kind="defect",
        why="An infinite maximum is subtracted from itself, which gives NaN.",
        snippet="tinygrad_logsumexp_infinite.py",
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
        kind="defect",
        why="A NaN stays in its own class. The documented formula gives NaN in every class of the row.",
        snippet="openvino_softmax_nan.py",
    ),
    Judged(
        library="openvino",
        operation="log_softmax",
        property="special_values",
        kind="defect",
        why="The class beside a NaN becomes -inf. The documented formula gives NaN in every class of the row.",
        snippet="openvino_log_softmax_nan.py",
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
        kind="defect",
        why="The time grows like the square of the number of classes: about 10 s for 65536, over 30 s for 131072.",
        snippet="paddle_log_softmax_time.py",
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
        operation="cross_entropy*",
        property="special_values",
        kind="defect",
        why=f"{_CLAMP} A class at -inf counts as one at -64, and in rows of eight classes a +inf or NaN is not seen.",
        snippet="paddle_cross_entropy_infinite.py",
    ),
    Judged(
        library="paddle",
        operation="cross_entropy_grad",
        property="batch_independence",
        kind="open",
        why="A call by hand with the same three rows, one of them at -inf, gives the first row the gradient that it "
        "has alone, to a few ulp; so this is not shown without softcert.",
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
