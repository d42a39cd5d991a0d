"""The onnx package's reference evaluator takes the logarithm of a rounded softmax. Needs onnx and mpmath."""

import sys

import mpmath
import numpy as np
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", "classes"]) for name in "xy")
graph = helper.make_graph([helper.make_node("LogSoftmax", ["x"], ["y"], axis=-1)], "g", [x], [y])
logits = np.array([[-120.0, 0.0]], np.float32)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
got = float(ReferenceEvaluator(model).run(None, {"x": logits})[0][0, 0])
expected = -120 - mpmath.log(1 + mpmath.exp(-120))
print("expected", mpmath.nstr(expected, 10), "got", got)
sys.exit(abs(got - expected) > 1e-4)
