"""Functions that are replaced after the originals were noted are told, each once."""

from __future__ import annotations

import json

import numpy as np
import numpy.testing

from softcert.executors.transport.channel import Channel
from softcert.executors.worker.replaced import REPLACED, Originals


def test_nothing_is_replaced_at_first():
    assert Originals().observations() == []


def test_functions_of_modules_and_methods_of_our_classes_are_told_once(monkeypatch):
    originals = Originals()
    monkeypatch.setattr(np, "exp", np.exp2)
    monkeypatch.setattr(json, "dumps", lambda *a: "")
    monkeypatch.setattr(Channel, "send", lambda *a: None)
    found = {text for kind, text in originals.observations() if kind == REPLACED}
    assert found == {"numpy.exp", "json.dumps", "softcert.executors.transport.channel.Channel.send"}
    assert originals.observations() == []


def test_a_function_of_numpy_testing_that_is_not_numpys_is_told(monkeypatch):
    originals = Originals()
    monkeypatch.setattr(numpy.testing, "assert_allclose", lambda *a, **k: None)
    assert originals.observations() == [(REPLACED, "numpy.testing.assert_allclose")]


def test_the_first_calls_are_looked_after_and_then_every_sixteenth():
    originals = Originals()
    assert [n for n in range(1, 50) if originals.due()] == [1, 2, 16, 32, 48]


def test_a_function_that_is_removed_is_told(monkeypatch):
    originals = Originals()
    monkeypatch.delattr(json, "dumps")
    assert originals.observations() == [(REPLACED, "json.dumps")]
