"""OpenVINO's log_softmax (CPU) gives -inf beside a NaN. Needs openvino and mpmath."""

import sys

import mpmath
import numpy as np
import openvino
from openvino import opset13 as ops

x = ops.parameter([-1, 2], np.float32)
node = ops.log_softmax(x, 1)
model = openvino.compile_model(openvino.Model([node], [x]), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
got = model(np.array([[np.nan, 0.0]], np.float32))[0][0]
print("expected", [mpmath.nan, mpmath.nan], "got", got.tolist())
sys.exit(not all(v != v for v in got))
