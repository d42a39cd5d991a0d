"""One-node models of ONNX's Softmax and LogSoftmax: what the runtimes of the field are given."""

from functools import cache

import numpy as np
from onnx import helper


@cache
def model(operator, format):
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(format))
    x = helper.make_tensor_value_info("x", kind, ["rows", "classes"])
    y = helper.make_tensor_value_info("y", kind, ["rows", "classes"])
    graph = helper.make_graph([helper.make_node(operator, ["x"], ["y"], axis=-1)], operator, [x], [y])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
