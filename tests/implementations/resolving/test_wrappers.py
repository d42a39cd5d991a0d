"""Functions within functions: what an adapted function passes on, and the way through the wrappers of others."""

import functools

import numpy as np
import pytest

from softcert_implementations.call_form import CallForm
from softcert_implementations.resolving.wrappers import AdaptedFunction, PlainLoss, is_torch, name_of, unwrapped


def record(*arguments, **options):
    return arguments, options


@pytest.mark.parametrize(
    ("axis", "options", "arguments", "passed"),
    [
        ("dim", {}, ("x",), {"dim": -1}),
        ("dim", {"axis": 0}, ("x",), {"dim": 0}),
        ("", {"axis": 1}, ("x", 1), {}),
        ("", {}, ("x", -1), {}),
        (None, {}, ("x",), {}),
        (None, {"axis": 1, "mask": 2}, ("x",), {"axis": 1, "mask": 2}),
    ],
)
def test_the_axis_goes_where_the_function_wants_it(axis, options, arguments, passed):
    assert AdaptedFunction(record, axis)("x", **options) == (arguments, passed)


def test_options_of_every_call_are_given():
    assert AdaptedFunction(record, None, {"from_logits": True})("x") == (("x",), {"from_logits": True})


def test_a_loss_in_another_form_is_one_of_logits_and_labels():
    def loss(labels, x, **options):
        return {"loss": (labels, x, options)}

    wanted = CallForm(order="labels first", result="loss")
    assert PlainLoss(loss, wanted)("x", "labels", weight=1) == ("labels", "x", {"weight": 1})


def test_a_name_is_found_through_wrappers():
    class Loss:
        def __call__(self, x):
            return x

    class Jitted:
        py_func = record

    assert name_of(functools.partial(record, 1)) == "record"
    assert name_of(AdaptedFunction(record, "dim")) == "record"
    assert name_of(Jitted()) == "record"
    assert name_of(Loss()) == "Loss"


def test_the_innermost_function_is_found_and_an_endless_chain_is_left():
    class Loss:
        def forward(self, x):
            return x

        def __call__(self, x):
            return x

        def method(self):
            return 0

    class Circle:
        pass

    Circle.__wrapped__ = Circle
    decorated = functools.wraps(record)(lambda: 0)
    for wrapper in (functools.partial(record), AdaptedFunction(record), decorated):
        assert unwrapped(wrapper) is record
    assert unwrapped(Loss().method) is Loss.method
    assert unwrapped(Loss()) is unwrapped(Loss) is Loss.forward
    assert unwrapped(len) is len
    assert unwrapped(Circle) is Circle


def test_torch_is_recognised_only_where_it_is_loaded(monkeypatch):
    torch = pytest.importorskip("torch")
    assert is_torch(torch.nn.Softmax, "nn", "Module")
    assert is_torch(torch.nn.Softmax(-1), "nn", "Module")
    assert not is_torch(np.zeros, "nn", "Module")
    monkeypatch.delitem(__import__("sys").modules, "torch")
    assert not is_torch(torch.nn.Softmax, "nn", "Module")
