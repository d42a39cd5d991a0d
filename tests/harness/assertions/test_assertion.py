"""`softcert.testing.assert_within_limit`: what passes, what fails, and what the message says."""

from __future__ import annotations

import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest
from tests.harness.assertions import library_suite

from softcert.testing import assert_within_limit, expected
from softcert_implementations.bundled import numpy_shifted
from softcert_implementations.gallery import DEFECTS, textbook
from softcert_oracle import operations
from softcert_oracle.errors import UsageError

RNG = np.random.default_rng(3)
X = RNG.normal(size=(6, 11)).astype(np.float32)
Y = RNG.integers(0, 11, 6)
OPS = {name: getattr(textbook, name) for name in operations.CORE}


def softmax(x):
    """The textbook's."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def message(*arguments, **options):
    """The message of an assertion that fails."""
    with pytest.raises(AssertionError) as failure:
        assert_within_limit(*arguments, **options)
    return str(failure.value)


def test_the_correct_pass_a_suite_of_a_library():
    library_suite.run(numpy_shifted.IMPLEMENTATION.ops, assert_within_limit)


def reached():
    """Defects in float32 whose results on the suite's inputs are visibly other than the textbook's."""
    for defect in DEFECTS:
        ordinary = not (defect.debated or defect.option or defect.contract or defect.arrays != "numpy")
        if ordinary and "float32" in defect.formats and defect.operation in operations.CORE and differs(defect):
            yield defect


def differs(defect):
    function, labelled = defect.fresh(), defect.operation.startswith("cross_entropy")
    for x, y in library_suite.inputs():
        given = (x, y) if labelled else (x,)
        with np.errstate(all="ignore"):
            right = np.asarray(OPS[defect.operation](*given), np.float64)
            try:
                got = np.asarray(function(*(a.copy() for a in given)))
            except Exception:  # noqa: BLE001 (a defect may raise)
                return False
        if got.shape != right.shape or not np.allclose(got, right, rtol=1e-2, atol=1e-4, equal_nan=True):
            return True
    return False


@pytest.mark.parametrize("defect", list(reached()), ids=lambda d: d.name)
def test_each_defect_that_the_suite_reaches_fails_it(defect, monkeypatch):
    monkeypatch.setattr("softcert.assertions.cause.of", lambda found: None)  # seconds each, tested below
    with pytest.raises(AssertionError):
        library_suite.run({defect.operation: defect.fresh()}, assert_within_limit)


def test_the_suite_reaches_many_defects():
    assert len(list(reached())) > 60


@pytest.mark.parametrize("format", ["float64", "float32", "float16", "bfloat16", "float8_e5m2"])
@pytest.mark.parametrize("operation", operations.CORE)
def test_correctly_rounded_results_pass_at_every_level_in_every_format(operation, format):
    x = X.astype(np.dtype(getattr(ml_dtypes, format, format)))
    labels = (Y,) if operations.lookup(operation).takes_labels else ()
    got = expected(operation, x, *labels)
    assert got.dtype == x.dtype
    assert_within_limit(got, operation, x, *labels)
    assert_within_limit(got, operation, x, *labels, level="faithful")


def test_the_message_has_worst_number_exact_value_sizes_cause_and_remedy():
    x = np.array([[0.0, 100.0, 1.0]], np.float32)
    with np.errstate(all="ignore"):
        text = message(np.exp(x) / np.exp(x).sum(-1, keepdims=True), "softmax", x)
    assert "softmax of float32 (1, 3): 3 of 3 numbers are beyond the limit of level 'stable'" in text
    assert "row 0, class 1" in text
    assert "got     nan" in text
    assert "the nearest float32 is 1.0 = 0x1.0000000000000p+0" in text
    assert "limits (one limit: " in text
    assert "behaves like softmax_unshifted" in text
    assert "remedy  Subtract each row's maximum" in text


def test_a_wrong_number_is_shown_in_decimal_and_hexadecimal():
    got = softmax(X)
    got[2, 4] *= 1.5
    text = message(got, "softmax", X)
    assert "row 2, class 4" in text
    assert float(got[2, 4]).hex() in text


def test_a_wrong_row_of_a_large_batch_is_found():
    x = RNG.normal(size=(40, 1000)).astype(np.float32)
    got = softmax(x)
    assert_within_limit(got, "softmax", x)
    got[39, 999] *= np.float32(1.01)
    assert "row 39, class 999" in message(got, "softmax", x)


def test_options_are_keywords():
    got = expected("cross_entropy", X, Y, label_smoothing=0.1, reduction="sum")
    assert_within_limit(got, "cross_entropy", X, Y, label_smoothing=0.1, reduction="sum")
    assert "1 of 1" in message(got, "cross_entropy", X, Y, reduction="sum")
    assert_within_limit(expected("softmax", X, temperature=2.0), "softmax", X, temperature=2.0)


def test_an_axis_may_stand_anywhere_and_labels_follow():
    x = RNG.normal(size=(2, 5, 3)).astype(np.float32)
    y = RNG.integers(0, 5, (2, 3))
    got = np.moveaxis(softmax(np.moveaxis(x, 1, -1)), -1, 1)
    assert_within_limit(got, "softmax", x, axis=1)
    assert_within_limit(
        expected("cross_entropy", x, y, axis=1, reduction="none"), "cross_entropy", x, y, axis=1, reduction="none"
    )
    assert "30 of 30" in message(softmax(x), "softmax", x, axis=1)


def test_one_row_needs_no_batch():
    assert_within_limit(softmax(X[0]), "softmax", X[0])
    assert_within_limit(np.float32(np.log(np.exp(X[0]).sum())), "logsumexp", X[0])


def test_special_rows_are_held_to_the_table_of_special_values():
    x = np.array([[np.inf, 1, 2], [1, -np.inf, 3]], np.float32)
    with np.errstate(all="ignore"):
        assert_within_limit(softmax(x), "softmax", x)
    wrong = np.array([[0.5, 0.5, 0.0], [0.1, 0.0, 0.9]], np.float32)
    assert "special accepted here" in message(wrong[:1], "softmax", x[:1])
    assert "numbers are beyond" in message(np.full((1, 3), 0.25, np.float32), "softmax", x[1:])


def test_another_shape_or_format_is_a_failure():
    assert "has shape (6, 10), not (6, 11)" in message(softmax(X)[:, :10], "softmax", X)
    assert "has format float64" in message(softmax(X.astype(np.float64)), "softmax", X)
    assert 'reduction="none"' in message(np.zeros(6, np.float32), "cross_entropy", X, Y)
    wide = softmax(X.astype(ml_dtypes.bfloat16).astype(np.float32))
    assert_within_limit(wide, "softmax", X.astype(ml_dtypes.bfloat16), contract={"result_format": "float32"})


def test_inputs_on_which_zeros_would_pass_are_no_proof():
    x = np.zeros((2, 4096), np.float16) + np.arange(4096) % 7
    got = softmax(x.astype(np.float32)).astype(np.float16)
    text = message(got, "softmax", x.astype(np.float16), contract={"working_precision": "float16"})
    assert "these inputs prove nothing" in text


def test_a_python_float_is_a_scalar_result():
    loss = float(expected("cross_entropy", X, Y))
    assert_within_limit(loss, "cross_entropy", X, Y)
    assert "1 of 1" in message(loss * 1.001, "cross_entropy", X, Y)


def test_tensors_come_and_go():
    torch = pytest.importorskip("torch")
    x = torch.tensor(X).to(torch.bfloat16).requires_grad_(True)
    assert_within_limit(torch.softmax(x, -1), "softmax", x)
    exact = expected("softmax", x)
    assert isinstance(exact, torch.Tensor)
    assert exact.dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("arguments", "options", "told"),
    [
        ((X, "softmaxx", X), {}, "unknown operation"),
        ((X, "softmax", X), {"level": "perfect"}, "unknown level"),
        ((X, "softmax", X), {"temperatur": 2}, "unknown option of softmax"),
        ((X, "softmax", X.astype(int)), {}, "x has dtype"),
        ((0.0, "cross_entropy", X), {}, "labels=None"),
        ((0.0, "cross_entropy", X, Y + 11), {}, "with 11 classes a label is 0 to 10"),
        ((X, "softmax", X), {"contract": {"exp_ulps": 3}}, "unknown contract field"),
    ],
)
def test_a_mistake_is_named(arguments, options, told):
    with pytest.raises(UsageError, match=told):
        assert_within_limit(*arguments, **options)


def test_the_module_loads_nothing_heavy():
    code = (
        "import sys, softcert.testing; print([m for m in ('numpy', 'numba', 'flint', 'llvmlite') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
