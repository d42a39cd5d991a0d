"""ONNX models run by ONNX Runtime: a model file is a subject.

The model's inputs are taken in their order: logits, then labels. Which operation it is comes from the operator that
makes its first output, or from the file's name. ONNX Runtime takes contiguous NumPy arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from softcert_implementations.adapters.base import (
    Adapter,
    Argument,
    NotAnArrayError,
    Raw,
    UnavailableError,
    contiguous_only,
    only_contiguous,
    require,
)
from softcert_oracle.errors import UsageError

_OPERATORS = {
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "ReduceLogSumExp": "logsumexp",
    "SoftmaxCrossEntropyLoss": "cross_entropy",
}
"""Operators of the ONNX standard that are operations of ours."""
_TYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
}


class Model:
    """A loaded model as a function: ``model(x)`` or ``model(x, labels)`` gives its first output."""

    softcert_arrays = "onnx"

    def __init__(self, path: str) -> None:
        runtime = require("onnxruntime", "onnxruntime")
        options = runtime.SessionOptions()
        options.log_severity_level = 3  # errors only: warnings about optimisation are not the subject's
        try:
            self._session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001 (onnxruntime raises types of its own for a broken model)
            raise UsageError(f"spec={path!r} is not a model that ONNX Runtime can load: {error}") from None
        self.__name__ = _operation(path) or Path(path).stem
        self._inputs = self._session.get_inputs()

    @property
    def formats(self) -> tuple[str, ...]:
        """The format of the model's first input."""
        known = _TYPES.get(self._inputs[0].type)
        return (known,) if known else ()

    def __call__(self, *arguments: np.ndarray) -> Any:
        """Run the model."""
        feed = {}
        for wanted, given in zip(self._inputs, arguments, strict=True):
            format = _TYPES.get(wanted.type, wanted.type)
            if given.dtype.name != format and given.dtype.kind != "f":
                given = given.astype(format)  # labels are class indices: exact in either width
            feed[wanted.name] = given
        return self._session.run(None, feed)[0]


def _operation(path: str) -> str | None:
    """The operation of the operator that makes the first output, where onnx is installed to read the graph."""
    try:
        onnx = require("onnx", "onnx")
    except UnavailableError:
        return None
    graph = onnx.load(path).graph
    output = graph.output[0].name
    made_by = next((node.op_type for node in graph.node if output in node.output), "")
    return _OPERATORS.get(made_by)


def load_model(path: str) -> Model:
    """The model in a file. Raises `UsageError` where there is none, or where ONNX Runtime is missing."""
    if not Path(path).is_file():
        raise UsageError(f"spec={path!r}: there is no such file.")
    try:
        return Model(path)
    except UnavailableError as error:
        raise UsageError(f"spec={path!r}: {error}.") from None


def _argument(raw: Raw, device: str) -> Argument:
    return Argument(contiguous_only(raw, "onnxruntime"))


def _result(value: Any) -> np.ndarray:
    if not isinstance(value, np.ndarray | np.generic):
        raise NotAnArrayError(f"returned {type(value).__qualname__}, not a tensor")
    array = np.asarray(value)
    return np.ascontiguousarray(array).reshape(array.shape)


def _refuses(function: Callable[..., Any], format: str) -> str:
    formats = function.formats if isinstance(function, Model) else ()
    return f"the model's input is {formats[0]}, not {format}" if formats and format not in formats else ""


ADAPTER = Adapter(
    name="onnx",
    library="onnxruntime",
    argument=_argument,
    result=_result,
    cannot=only_contiguous("onnxruntime"),
    refuses=_refuses,
    fork_safe=False,
)
