"""xgboost's softmax: the probabilities of a booster that adds nothing to the margins it is given."""

import numpy as np
import xgboost


def softmax(x):
    empty = np.zeros((len(x), 1), np.float32)
    matrix = xgboost.DMatrix(empty, base_margin=x)
    booster = xgboost.Booster({"objective": "multi:softprob", "num_class": x.shape[1], "base_score": 0.0}, [matrix])
    return booster.predict(matrix)
