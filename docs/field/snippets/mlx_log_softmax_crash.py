"""Does mlx.nn.log_softmax of one class return? Needs mlx and mpmath."""

import subprocess
import sys

import mpmath

code = "import mlx.core as mx, mlx.nn as nn; print(nn.log_softmax(mx.array([[0.0]]), axis=-1).tolist())"
ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
print("expected", mpmath.mpf(0), "got", ended.stdout.strip() or f"exit code {ended.returncode}")
sys.exit(ended.returncode != 0)
