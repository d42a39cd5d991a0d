"""What people write: layers, losses of linear layers, estimators, names that say nothing."""

import numpy as np
import pytest

from softcert_implementations.resolving.resolve import resolve
from softcert_implementations.resolving.trials.trial_calls import attempt_batch
from softcert_oracle.errors import UsageError

SOURCE = """
import numpy as np


def probabilities(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class SoftmaxWithLoss:
    def __init__(self):
        self.p = self.t = None

    def forward(self, x, t):
        self.p, self.t = probabilities(x), t
        return -np.log(self.p[np.arange(len(x)), t]).mean()

    def backward(self, dout=1):
        d = self.p.copy()
        d[np.arange(len(d)), self.t] -= 1
        return dout * d / len(d)


class OneHotLoss:
    def forward(self, y_hat, y):
        self.p, self.y = probabilities(y_hat), y
        return -(y * np.log(self.p)).sum(axis=1).mean()

    def backward(self, y_hat, y):
        return (probabilities(y_hat) - y) / len(y)


class Softmax:
    def forward(self, x):
        self.out = probabilities(x)
        return self.out

    def backward(self, dout):
        return self.out * (dout - (dout * self.out).sum(axis=-1, keepdims=True))


class Activation:
    def forward(self, z):
        return probabilities(z)


class Model:
    def activate(self, z):
        return probabilities(z)

    @staticmethod
    def static(z):
        return probabilities(z)


class Needs:
    def __init__(self, weights):
        self.weights = weights

    def softmax(self, x):
        return probabilities(x @ self.weights)


def softmax_loss(W, X, y, reg):
    p, n = probabilities(X @ W), len(X)
    loss = -np.log(p[np.arange(n), y]).mean() + reg * np.sum(W * W)
    p[np.arange(n), y] -= 1
    return loss, X.T @ p / n + 2 * reg * W


def torch_like(x, weight, bias, target):
    p = probabilities(x @ weight.T + bias)
    return -np.log(p[np.arange(len(x)), target]).mean()


def activation(z):
    return probabilities(z)


def objective(a, b):
    return -np.log(probabilities(a))[np.arange(len(a)), b].mean()


def softmax(x, y):
    return objective(x, y)


def nothing(x):
    return x * 2
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "conventions_of_people.py"
    path.write_text(SOURCE)
    return path


@pytest.mark.parametrize(
    ("name", "operations"),
    [
        ("SoftmaxWithLoss", ["cross_entropy", "cross_entropy_grad"]),
        ("OneHotLoss", ["cross_entropy", "cross_entropy_grad"]),
        ("Softmax", ["softmax", "softmax_vjp"]),
        ("Activation", ["softmax"]),
        ("Model.activate", ["softmax"]),
        ("Model.static", ["softmax"]),
        ("softmax_loss", ["linear_cross_entropy"]),
        ("torch_like", ["linear_cross_entropy"]),
        ("activation", ["softmax"]),
        ("objective", ["cross_entropy"]),
        ("softmax", ["cross_entropy"]),
    ],
)
def test_what_people_write_is_called_as_they_mean_it(file, name, operations):
    subject = resolve(f"{file}:{name}")
    assert list(subject.ops) == operations
    for operation in operations:
        for format in ("float32", "float64"):
            assert attempt_batch(subject, operation, format).right
    assert any("operation" in note for note in subject.inferred)


def test_a_layer_is_made_anew_for_each_call(file):
    subject = resolve(f"{file}:SoftmaxWithLoss")
    assert "an instance SoftmaxWithLoss() was made for each call" in subject.inferred
    loss = subject.ops["cross_entropy"]
    assert loss.make() is not loss.make()


def test_parts_of_a_layer_can_be_asked_for(file):
    assert list(resolve(f"{file}:SoftmaxWithLoss", op="cross_entropy_grad").ops) == ["cross_entropy_grad"]
    assert list(resolve(f"{file}:Softmax", op="softmax").ops) == ["softmax"]


def test_the_strength_of_a_regularisation_is_said(file):
    subject = resolve(f"{file}:softmax_loss")
    assert "its regularisation with strength 0" in subject.inferred[0]
    form = subject.contract.value("call", "linear_cross_entropy", "float32")
    assert form == "weights=features first, bias=in the weights, result=0"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nothing", "the name 'nothing' does not say which operation it is, and no trial call tells it"),
        ("Needs", "class Needs cannot be instantiated without arguments"),
        ("Needs.softmax", "class Needs cannot be instantiated without arguments"),
    ],
)
def test_what_nothing_tells_is_said(file, name, told):
    with pytest.raises(UsageError, match=told):
        resolve(f"{file}:{name}")


class LinearThing:
    """An estimator in scikit-learn's manner."""

    def fit(self, features, labels):
        return self

    def decision_function(self, features):
        scores = features @ self.coef_.T + self.intercept_
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict_proba(self, features):
        scores = self.decision_function(features)
        if scores.ndim == 1:
            p = 1 / (1 + np.exp(-scores))
            return np.stack([1 - p, p], axis=1)
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("target", [LinearThing, LinearThing(), LinearThing().predict_proba])
def test_an_estimator_is_a_function_of_its_decisions(target):
    pytest.importorskip("scipy")
    subject = resolve(target)
    assert list(subject.ops) == ["softmax"]
    assert attempt_batch(subject, "softmax", "float32").right
    two = np.array([[0.5, -1.0]])
    assert subject.ops["softmax"](two)[0, 0] == pytest.approx(1 / (1 + np.exp(-1.5)), rel=1e-12)
