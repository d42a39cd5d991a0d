"""The four bundled implementations: right where they claim to be, wrong where they are meant to be refused."""

import numpy as np
import pytest

from softcert_implementations.adapters import View
from softcert_implementations.adapters.base import numpy_dtype
from softcert_implementations.adapters.calling import call
from softcert_implementations.resolving import entry_points
from softcert_oracle import operations
from softcert_oracle.errors import UsageError

BUNDLED = ("naive", "numpy_shifted", "logsumexp", "torch_functional")


def result(name, operation, x, labels=None):
    subject = entry_points.load(name)
    if subject.arrays == "torch":
        pytest.importorskip("torch")
    arguments = [View.of(x)] + ([] if labels is None else [View.of(labels)])
    return call(subject, operation, x.dtype.name, arguments).results[0]


@pytest.mark.parametrize("name", BUNDLED)
def test_each_is_registered_with_the_five_operations(name):
    subject = entry_points.load(name)
    assert name in entry_points.names()
    assert (subject.name, subject.spec) == (name, name)
    assert tuple(subject.ops) == operations.CORE


@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("format", ["float16", "bfloat16", "float32", "float64"])
def test_two_equal_logits_give_exact_halves(name, format):
    subject = entry_points.load(name)
    if format not in subject.dtypes:
        pytest.skip("not claimed")
    x = np.zeros((2, 2), numpy_dtype(format))
    labels = np.array([0, 1])
    log_two = float(np.log(2))
    u = 2.0 ** -{"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}[format]
    slack = 4 * u  # two roundings of the logarithm and of the mean, each within an ulp (2 u) of a value below 1
    assert result(name, "softmax", x).astype(float).tolist() == [[0.5, 0.5]] * 2
    assert result(name, "log_softmax", x).astype(float) == pytest.approx(-log_two, abs=slack)
    assert result(name, "logsumexp", x).astype(float) == pytest.approx(log_two, abs=slack)
    assert float(result(name, "cross_entropy", x, labels)) == pytest.approx(log_two, abs=slack)
    gradient = result(name, "cross_entropy_grad", x, labels).astype(float)
    assert gradient.tolist() == [[-0.25, 0.25], [0.25, -0.25]]


@pytest.mark.parametrize("operation", operations.CORE)
@pytest.mark.parametrize("name", BUNDLED)
def test_results_keep_the_format_and_have_the_shape_of_the_table(name, operation):
    for format in entry_points.load(name).dtypes:
        x = np.arange(6).reshape(2, 3).astype(numpy_dtype(format))
        labels = np.array([2, 0]) if "cross" in operation else None
        got = result(name, operation, x, labels)
        assert got.dtype == x.dtype
        assert got.shape == {"(m, C)": (2, 3), "(m,)": (2,), "()": ()}[operations.OPERATIONS[operation].result]


def test_naive_overflows_where_the_shifted_one_does_not():
    x = np.array([[100, 0]], np.float32)
    with np.errstate(all="ignore"):
        assert np.isnan(result("naive", "softmax", x)[0, 0])
    assert result("numpy_shifted", "softmax", x)[0, 0] == 1


def test_only_the_logsumexp_way_loses_a_small_loss_beside_a_large_offset():
    x = np.array([[4096, 4096]], np.float32)  # ulp(4096) = 2^-11 is a third of a thousandth: log 2 loses its digits
    labels = np.array([0])
    right = float(np.log(2))
    assert float(result("numpy_shifted", "cross_entropy", x, labels)) == pytest.approx(right, abs=4 * 2.0**-24)
    lost = abs(float(result("logsumexp", "cross_entropy", x, labels)) - right)
    assert 4 * 2.0**-24 < lost <= 2.0**-12  # half an ulp of 4096: the rounding of max + log 2


@pytest.mark.parametrize("name", ["numpy_shifted", "logsumexp"])
def test_log_sum_exp_of_rows_without_a_finite_maximum_is_the_limit(name):
    inf = np.inf
    x = np.array([[-inf, -inf], [inf, 0], [inf, inf], [np.nan, 0]], np.float32)
    got = result(name, "logsumexp", x)
    assert got[:3].tolist() == [-inf, inf, inf]
    assert np.isnan(got[3])


def test_torch_is_imported_only_when_it_is_called():
    import subprocess
    import sys

    code = "import sys; from softcert_implementations.bundled import torch_functional; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(UsageError, match="Did you mean 'naive'"):
        entry_points.load("naife")
