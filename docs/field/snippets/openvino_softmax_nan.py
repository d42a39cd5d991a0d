"""OpenVINO's softmax (CPU) loses a NaN. Needs openvino and mpmath."""

import sys

import mpmath
import numpy as np
import openvino
from openvino import opset13 as ops

x = ops.parameter([-1, 2], np.float32)
model = openvino.compile_model(openvino.Model([ops.softmax(x, 1)], [x]), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
got = model(np.array([[np.nan, -np.inf]], np.float32))[0][0]
print("expected", [mpmath.nan, mpmath.nan], "got", got.tolist())
sys.exit(not all(v != v for v in got))
