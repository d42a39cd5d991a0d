"""A failing subject is told which known defect it behaves like; a right one never is."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness import subjects

from softcert import Implementation, certify

pytestmark = pytest.mark.slow  # whole certifications, one after the other


def family(function, op="softmax", dtype="float32"):
    found = certify(Implementation("mine", {op: function}, (dtype,)), effort="quick", isolation="none").findings
    assert found
    return found[0].diagnosis.family


def clipped_loss(x, labels):
    p = np.clip(subjects.softmax(x), 1e-9, 1 - 1e-9)
    return -np.log(p[np.arange(len(x)), labels]).mean(dtype=x.dtype)


def log_of_softmax(x):
    with np.errstate(all="ignore"):
        return np.log(subjects.softmax(x))


def over_the_batch(x):
    e = np.exp(x - x.max())
    return e / e.sum(axis=0)


@pytest.mark.parametrize(
    ("function", "op", "expected"),
    [
        (subjects.unshifted_softmax, "softmax", "no max shift"),
        (over_the_batch, "softmax", "wrong axis"),
        (log_of_softmax, "log_softmax", "log(softmax)"),
        (clipped_loss, "cross_entropy", "probability clipping"),
        (subjects.gradient_without_one_hot, "cross_entropy_grad", "onehot missing"),
        (subjects.gradient_reversed, "cross_entropy_grad", "sign reversed"),
        (subjects.lse_without_the_maximum, "logsumexp", "max not added back"),
    ],
)
def test_the_family_is_named(function, op, expected):
    assert family(function, op) == expected


def test_what_resembles_nothing_is_called_unknown():
    def strange(x):
        p = subjects.softmax(x)
        return p + np.sin(1e4 * p) * x.dtype.type(0.01)

    found = certify(
        Implementation("mine", {"softmax": strange}, ("float32",)), effort="quick", isolation="none"
    ).findings
    assert found[0].diagnosis.family == ""
    assert "No model" in found[0].diagnosis.text


def test_the_remedy_stands_beside_the_name():
    found = certify(
        Implementation("mine", {"softmax": subjects.unshifted_softmax}, ("float32",)), effort="quick", isolation="none"
    ).findings
    assert "maximum" in found[0].diagnosis.remedy


def test_two_mistakes_of_one_loss_are_both_named_in_every_format():
    """-log(e/s), with a sum for the mean: the second hides the first in most cases."""

    def cross_entropy(x, labels):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        picked = e[np.arange(len(labels)), labels] / e.sum(axis=-1)
        return -np.log(picked).sum(dtype=x.dtype)

    mine = Implementation("mine", {"cross_entropy": cross_entropy}, ("float32", "float64"))
    found = certify(mine, effort="quick", isolation="none").findings
    named = {(f.format, f.diagnosis.family) for f in found}
    assert named == {(f, name) for f in ("float32", "float64") for name in ("log(softmax)", "normalisation")}
