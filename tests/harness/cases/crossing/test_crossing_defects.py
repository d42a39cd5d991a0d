"""Defects that need two conditions at once, at sizes that people use, show on some case of a quick battery.

Each model is right but where both conditions hold. It counts as met where its result differs from the right one by far
more than any limit, or in a batch loss by more than a thousandth.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from tests.harness.building import terms

from softcert.cases.battery import battery
from softcert.cases.case import State
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build


def softmax(x):
    with np.errstate(all="ignore"):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


def losses(x, labels):
    with np.errstate(all="ignore"):
        d = x - x.max(axis=-1, keepdims=True)
        return np.log(np.exp(d).sum(axis=-1)) - d[np.arange(len(x)), labels]


def zero_where(condition):
    return lambda x: softmax(x) * (0 if condition(*x.shape) else 1)


def minus_inf_counts_as_one(x):
    lost = np.isneginf(x).sum(axis=-1, keepdims=True) if x.shape[1] >= 2500 else 0
    with np.errstate(all="ignore"):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / (e.sum(axis=-1, keepdims=True) + lost)


def middle_left_out(x):
    C = x.shape[1]
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    some = e[:, C // 2 - 400 : C // 2 + 400].sum(axis=-1, keepdims=True) if C > 100_000 else 0
    return e / (e.sum(axis=-1, keepdims=True) - some)


def only_where_strided(condition):
    def model(x):
        return softmax(x) * (0 if x.ndim == 2 and condition(x) else 1)

    return model


SOFTMAX = {
    "many rows and many classes": zero_where(lambda m, C: m >= 200 and C >= 60),
    "rows beyond a block and classes beyond a warp": zero_where(lambda m, C: m >= 131 and C >= 33),
    "a thousand rows and ten classes": zero_where(lambda m, C: m >= 1000 and C >= 10),
    "rows beyond 16 bits": zero_where(lambda m, C: m > 65535),
    **{f"{C} classes": zero_where(lambda m, n, C=C: n == C) for C in (100, 1000, 21841, 30522, 128256, 151936, 256000)},
    "classes of remainder 37": zero_where(lambda m, C: C > 128 and C % 64 == 37),
    "-inf beside 2500 classes": minus_inf_counts_as_one,
    "800 of 131072 classes": middle_left_out,
    "strided columns and 128 classes": only_where_strided(
        lambda x: x.strides[1] == 2 * x.itemsize and x.shape[1] >= 128
    ),
    "reversed rows and 17 classes": only_where_strided(lambda x: x.strides[0] < 0 and x.shape[1] > 16),
    "a column-major batch of 1000 classes": only_where_strided(
        lambda x: x.strides[0] < x.strides[1] and x.shape[1] >= 1000 and x.shape[0] > 1
    ),
}


@cache
def inputs(operation):
    found = [c for c in battery(operation, "float32", EFFORTS["quick"], terms(operation), 0) if c.rows_count]
    return [c for c in found if c.state != State.ALTERED]


def differs(model, honest, arguments):
    with np.errstate(all="ignore"):
        got, right = np.asarray(model(*arguments)), np.asarray(honest(*arguments))
        both = np.isfinite(got) & np.isfinite(right)
        return bool((both & (np.abs(got - right) > 1e-3 * np.abs(right) + 1e-30)).any())


def met(operation, model, honest):
    for case in inputs(operation):
        made = build(case)
        x = made.x.astype(np.float64) if operation == "cross_entropy" else made.x
        if differs(model, honest, (x, made.indices) if operation == "cross_entropy" else (x,)):
            return True
    return False


@pytest.mark.slow(reason="builds the inputs of a quick battery once for each model: 1 s each")
@pytest.mark.parametrize("name", SOFTMAX)
def test_a_defect_of_two_conditions_shows_in_a_quick_battery(name):
    assert met("softmax", SOFTMAX[name], softmax)


def mean(x, labels):
    return losses(x, labels).mean()


def labels_shifted(x, labels):
    far = x.shape[0] >= 200 and x.shape[1] >= 10
    return mean(x, (labels + 1) % x.shape[1] if far else labels)


def last_row_lost(x, labels):
    each = losses(x, labels)
    return each[: len(each) - (len(each) >= 4100)].sum() / len(each)


def mean_of_means(x, labels):
    each = losses(x, labels)
    return np.mean([each[k : k + 5000].mean() for k in range(0, len(each), 5000)])


def equal_rows_once(x, labels):
    kept = np.ones(len(x), bool)
    kept[1:] = ~((x[1:] == x[:-1]).all(axis=1) & (labels[1:] == labels[:-1]))
    return losses(x, labels)[kept].mean()


LOSSES = {f.__name__: f for f in (labels_shifted, last_row_lost, mean_of_means, equal_rows_once)}


@pytest.mark.slow(reason="builds the inputs of a quick battery once for each model: 1 s each")
@pytest.mark.parametrize("name", LOSSES)
def test_a_batch_defect_shows_in_a_quick_battery(name):
    assert met("cross_entropy", LOSSES[name], mean)


@pytest.mark.parametrize(
    ("option", "shows"),
    [
        (
            "reduction",
            lambda c: dict(c.options)["reduction"] == "none" and c.rows_count > 32 and c.rows_count % 32 == 0,
        ),
        ("weight", lambda c: c.rows_count > 1000),
        ("ignore_index", lambda c: c.rows_count >= 64 and c.classes >= 100),
        ("label_smoothing", lambda c: c.classes >= 1000 and c.layout != "C"),
    ],
)
def test_options_are_called_with_batches_and_many_classes(option, shows):
    claims = terms("cross_entropy", options=(option,))
    assert any(shows(c) for c in battery("cross_entropy", "float32", EFFORTS["quick"], claims, 0) if c.options)


def test_a_temperature_above_100_is_tried_on_batches():
    found = battery("softmax", "float32", EFFORTS["quick"], terms("softmax", options=("temperature",)), 0)
    assert any(dict(c.options).get("temperature", 0) > 100 and c.rows_count > 64 for c in found)
