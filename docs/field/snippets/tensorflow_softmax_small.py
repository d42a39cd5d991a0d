"""tf.nn.softmax (CPU, oneDNN on) gives 0 for a probability that is a normal float32. Needs tensorflow and mpmath."""

import os
import sys

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
import mpmath
import numpy as np
import tensorflow as tf

x = np.array([[-86.65, 0.0]], np.float32)
got = float(tf.nn.softmax(tf.constant(x)).numpy()[0, 0])
expected = mpmath.exp(float(x[0, 0])) / (1 + mpmath.exp(float(x[0, 0])))
print("expected", mpmath.nstr(expected, 8), "got", got, "smallest normal", np.finfo(np.float32).tiny)
sys.exit(got == 0 and expected > float(np.finfo(np.float32).tiny))
