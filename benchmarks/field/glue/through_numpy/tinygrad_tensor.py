"""tinygrad's tensors on its CPU device."""

from tinygrad import Tensor


def softmax(x):
    return Tensor(x).softmax(-1).numpy()


def log_softmax(x):
    return Tensor(x).log_softmax(-1).numpy()


def logsumexp(x):
    return Tensor(x).logsumexp(-1).numpy()


def cross_entropy(x, labels):
    return Tensor(x).cross_entropy(Tensor(labels)).numpy()
