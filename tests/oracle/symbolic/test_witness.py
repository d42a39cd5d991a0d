"""The third witness against mpmath at far more digits, and at rows with infinities."""

import subprocess
import sys
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from softcert_oracle.errors import UsageError
from softcert_oracle.symbolic import evaluate, lambdified
from softcert_oracle.symbolic.expressions import OPERATIONS

INF = float("inf")
NAN = float("nan")


def direct(operation, row, label):
    """The definition without any rearrangement, at the caller's precision."""
    e = [mpmath.exp(v) for v in row]
    s = mpmath.fsum(e)
    p = [v / s for v in e]
    n = range(len(row))
    return {
        "softmax": lambda: p,
        "log_softmax": lambda: [mpmath.log(v) for v in p],
        "logsumexp": lambda: [mpmath.log(s)],
        "cross_entropy": lambda: [-mpmath.log(p[label])],
        "cross_entropy_grad": lambda: [p[j] - (j == label) for j in n],
        "jacobian": lambda: [p[i] * ((i == j) - p[j]) for i in n for j in n],
    }[operation]()


ROWS = [
    [0.0],
    [-3.5],
    [0.0, 0.0],
    [1000.0, 0.0],
    [-1000.0, -1000.5, -999.0],
    [5.0, 2.0, -1.0, 3.0],
    [88.7, -103.9, 0.1, 0.1, 17.25],
    [-0.6931471805599453, -0.6931471805599453],
    [-1e-300, -700.0],
    [5e-324, -745.0, 1e-320],
    [709.8, 709.8, -745.2, 0.0, -0.0],
]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_it_agrees_with_the_definition_at_the_digits_asked_for(operation, row):
    for label in range(len(row)):
        got = evaluate(operation, row, label, digits=40)
        with mpmath.workdps(1500):
            truth = direct(operation, [mpmath.mpf(v) for v in row], label)
            assert len(got) == len(truth)
            for a, b in zip(got, truth, strict=True):
                # the definition itself keeps 1500 digits less those that cancel, at most 900 here
                assert abs(a - b) <= mpmath.mpf(10) ** -40 * abs(b) + mpmath.mpf(10) ** -1490


@pytest.mark.parametrize("digits", [1, 10, 100, 400])
def test_more_digits_extend_the_same_number(digits):
    low, high = evaluate("softmax", [5, 2, -1, 3], digits=digits), evaluate("softmax", [5, 2, -1, 3], digits=500)
    with mpmath.workdps(520):
        assert all(abs(a / b - 1) <= mpmath.mpf(10) ** -digits for a, b in zip(low, high, strict=True))


def test_the_rest_of_a_huge_gap_is_not_lost():
    (loss,) = evaluate("cross_entropy", [1000, 0], 0)
    assert mpmath.nstr(loss, 12) == "5.07595889755e-435"
    true_class, other = evaluate("cross_entropy_grad", [1000, 0], 0)
    with mpmath.workdps(60):
        assert true_class == -other
    (beyond,) = evaluate("logsumexp", [0.0, -1e308])
    assert 0 < beyond < mpmath.mpf(2) ** -(10**300)


def test_fractions_and_integers_are_taken_exactly():
    third = evaluate("softmax", [Fraction(10**6, 3), Fraction(10**6 - 3, 3)], digits=60)[0]
    with mpmath.workdps(80):
        assert abs(third - 1 / (1 + mpmath.exp(-1))) < mpmath.mpf(10) ** -60
    with mpmath.workdps(60):
        assert evaluate("logsumexp", [10**40]) == [mpmath.mpf(10) ** 40]
        assert evaluate("logsumexp", [np.int64(2**62 + 1)]) == [2**62 + 1]
    assert evaluate("logsumexp", [np.float32(0.1)]) == [mpmath.mpf(float(np.float32(0.1)))]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("softmx", [1.0]), "Did you mean 'softmax'"),
        (("softmax", [1.0] * 6), "covers 1 to 5"),
        (("softmax", []), "covers 1 to 5"),
        (("cross_entropy", [1.0, 2.0]), "label=None"),
        (("cross_entropy", [1.0, 2.0], 2), "label from 0 to 1"),
        (("softmax", [1.0], None, 0), "digits=0"),
    ],
)
def test_wrong_arguments_are_named(arguments, says):
    with pytest.raises(UsageError, match=says):
        evaluate(*arguments)
    with pytest.raises(UsageError, match="classes=6"):
        lambdified("softmax", 6)


def test_importing_the_package_does_not_import_sympy():
    code = "import sys, softcert_oracle.symbolic, softcert_oracle.claims; sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
