"""xgboost predicts a batch of no rows with the shape (0,), with strict_shape too. Needs xgboost."""

import sys

import numpy as np
import xgboost

matrix = xgboost.DMatrix(np.zeros((0, 1), np.float32), base_margin=np.zeros((0, 2), np.float32))
booster = xgboost.Booster({"objective": "multi:softprob", "num_class": 2, "base_score": 0.0}, [matrix])
got = booster.predict(matrix, strict_shape=True).shape
print("expected", (0, 2), "got", got)
sys.exit(got != (0, 2))
