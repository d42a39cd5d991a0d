"""TensorFlow's softmax with oneDNN gives 0 for a probability that is a normal float32. Needs tensorflow, mpmath."""

import os
import sys

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
import mpmath
import numpy as np
import tensorflow as tf

got = float(tf.nn.softmax(tf.constant([[-86.65, 0.0]], tf.float32))[0, 0])
x = mpmath.mpf(float(np.float32(-86.65)))
expected = mpmath.exp(x) / (1 + mpmath.exp(x))
print("expected", mpmath.nstr(expected, 8), "got", got, "smallest normal", np.finfo(np.float32).tiny)
sys.exit(got == 0 and expected > float(np.finfo(np.float32).tiny))
