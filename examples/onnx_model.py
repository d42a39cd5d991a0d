"""Builds an ONNX model of softmax; the file is a subject as it stands.

    python examples/onnx_model.py softmax.onnx
    softcert certify softmax.onnx

Which operation it is comes from the operator that makes the model's output.
"""

import sys

import onnx
from onnx import TensorProto, helper


def build(path):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", "classes"])
    p = helper.make_tensor_value_info("p", TensorProto.FLOAT, ["rows", "classes"])
    graph = helper.make_graph([helper.make_node("Softmax", ["x"], ["p"], axis=-1)], "softmax", [x], [p])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


if __name__ == "__main__":
    build(sys.argv[1] if len(sys.argv) > 1 else "softmax.onnx")
