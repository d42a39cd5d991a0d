"""ONNX Runtime's LogSoftmax in float64 makes a number of a NaN. Needs onnxruntime, onnx and mpmath."""

import sys

import mpmath
import numpy as np
import onnxruntime
from onnx import TensorProto, helper

x = helper.make_tensor_value_info("x", TensorProto.DOUBLE, [1, 2])
y = helper.make_tensor_value_info("y", TensorProto.DOUBLE, [1, 2])
graph = helper.make_graph([helper.make_node("LogSoftmax", ["x"], ["y"], axis=-1)], "g", [x], [y])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
got = session.run(None, {"x": np.array([[0.0, np.nan]])})[0][0].tolist()
print("expected", [mpmath.nan, mpmath.nan], "got", got)
sys.exit(not all(v != v for v in got))
