"""TensorFlow's softmax with oneDNN keeps a NaN in its own class only. Needs tensorflow and mpmath."""

import os
import sys

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
import mpmath
import tensorflow as tf

got = tf.nn.softmax(tf.constant([[0.0, float("nan")]], tf.float32)).numpy()[0].tolist()
print("expected", [mpmath.nan, mpmath.nan], "got", got)
sys.exit(not all(v != v for v in got))
