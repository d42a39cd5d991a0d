"""OpenVINO's softmax (CPU) gives 0 for a probability that is a normal float32. Needs openvino and mpmath."""

import sys

import mpmath
import numpy as np
import openvino
from openvino import opset13 as ops

x = ops.parameter([-1, 2], np.float32)
model = openvino.compile_model(openvino.Model([ops.softmax(x, 1)], [x]), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
got = float(model(np.array([[-87.0, 0.0]], np.float32))[0][0, 0])
expected = mpmath.exp(-87) / (1 + mpmath.exp(-87))
print("expected", mpmath.nstr(expected, 8), "got", got, "smallest normal", np.finfo(np.float32).tiny)
sys.exit(got == 0 and expected > float(np.finfo(np.float32).tiny))
