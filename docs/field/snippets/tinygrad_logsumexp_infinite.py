"""tinygrad's logsumexp of a row with an infinite maximum is NaN. Needs tinygrad and mpmath."""

import sys

import mpmath
from tinygrad import Tensor

got = Tensor([[float("inf"), 0.0, -7.0]]).logsumexp(-1).numpy().tolist()
got += Tensor([[float("-inf"), float("-inf")]]).logsumexp(-1).numpy().tolist()
print("expected", [mpmath.inf, -mpmath.inf], "got", got)
sys.exit(got != [float("inf"), float("-inf")])
