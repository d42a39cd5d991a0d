"""tf.nn.softmax (CPU, oneDNN on) loses a NaN. Needs tensorflow and mpmath."""

import os
import sys

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
import mpmath
import tensorflow as tf

got = tf.nn.softmax(tf.constant([[0.0, float("nan")]])).numpy()[0]
print("expected", [mpmath.nan, mpmath.nan], "got", got.tolist())
sys.exit(not all(v != v for v in got))
