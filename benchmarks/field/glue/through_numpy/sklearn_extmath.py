"""scikit-learn's softmax, which its logistic regression and neural networks use."""

from sklearn.utils import extmath


def softmax(x):
    return extmath.softmax(x, copy=True)
