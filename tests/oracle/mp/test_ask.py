"""Every printed digit of the truth is certain, and every way of asking wrongly is answered with a sentence."""

from __future__ import annotations

import math

import mpmath
import pytest

from softcert_oracle.errors import UsageError
from softcert_oracle.mp.ask import answer, ask, read


def test_the_softmax_of_the_seed_documents() -> None:
    assert ask("softmax", ["5", "2", "-1", "3"], digits=30) == [
        "0.842033572397457915464229463735",
        "0.0419223830369889503274662962905",
        "0.00208719255040634850827924171228",
        "0.113956852015146785700024998262",
    ]


def test_the_gradient_of_a_row_that_is_wrong_beyond_doubt() -> None:
    assert ask("cross_entropy_grad", ["1000", "0"], label=1) == [
        "1.00000000000000000000000000000",
        "-1.00000000000000000000000000000",
    ]


def test_values_below_every_format_keep_all_their_digits() -> None:
    with mpmath.workdps(60):
        tiny = mpmath.nstr(mpmath.exp(-1000) / (1 + mpmath.exp(-1000)), 30, strip_zeros=False)
    assert ask("cross_entropy_grad", ["1000", "0"], label=0) == [f"-{tiny}", tiny]
    assert tiny.startswith("5.0759588975494567652918094795")


def test_digits_agree_with_mpmath_at_three_times_the_digits() -> None:
    row = ["0.1", "-3.5", "12.25", "-700"]
    for digits in (1, 5, 17, 40, 200):
        found = ask("log_softmax", row, digits=digits)
        with mpmath.workdps(3 * digits + 50):
            x = [mpmath.mpf(float(v)) for v in row]
            log = mpmath.log(mpmath.fsum(mpmath.exp(v) for v in x))
            for text, v in zip(found, x, strict=True):
                value = mpmath.mpf(text)
                assert abs(value - (v - log)) <= abs(value) * mpmath.mpf(10) ** (1 - digits) / 2
                assert len(text.split("e")[0].lstrip("-0.").replace(".", "")) == digits


def test_the_loss_of_the_widest_row_there_is_has_an_exponent_of_308_digits() -> None:
    text = ask("cross_entropy", ["1e308", "-1e308"], label=0, digits=8)
    assert isinstance(text, str)
    mantissa, exponent = text.split("e")
    with mpmath.workdps(400):
        logarithm = -2 * mpmath.mpf(1e308) / mpmath.log(10)
        assert int(exponent) == int(mpmath.floor(logarithm))
        assert float(mantissa) == pytest.approx(float(10 ** (logarithm - mpmath.floor(logarithm))), rel=1e-7)


def test_rational_results_end_where_their_digits_end() -> None:
    assert ask("softmax", [0, 0], digits=30) == ["0.5", "0.5"]
    assert ask("softmax", ["7"] * 8, digits=2) == ["0.12"] * 8  # 0.125 is a tie: the even digit
    assert ask("softmax", ["-inf", "1", "1", "1"], digits=4) == ["0", "0.3333", "0.3333", "0.3333"]
    assert ask("logsumexp", ["2.5"]) == "2.5"
    assert ask("cross_entropy", ["2.5"], label=0) == "0"


@pytest.mark.parametrize(
    ("operation", "row", "label", "expected"),
    [
        ("softmax", ["inf", "1"], None, ["1", "0"]),
        ("softmax", ["inf", "inf", "0"], None, ["nan", "nan", "0"]),
        ("softmax", ["-inf", "-inf"], None, ["nan", "nan"]),
        ("log_softmax", ["inf", "1"], None, ["0", "-inf"]),
        ("logsumexp", ["-inf", "-inf"], None, "-inf"),
        ("logsumexp", ["inf", "1"], None, "inf"),
        ("logsumexp", ["nan", "inf"], None, "nan"),
        ("cross_entropy", ["0", "-inf"], 1, "inf"),
        ("cross_entropy", ["inf", "1"], 0, "0"),
    ],
)
def test_special_values_have_their_limits(operation: str, row: list[str], label: int | None, expected: object) -> None:
    assert ask(operation, row, label=label) == expected


def test_what_a_logit_was_taken_as_is_said() -> None:
    found = answer("softmax", ["0.1", "0.5", "0x1.8p+1", "0.1"], format="float32")
    assert [logit.value for logit in found.logits] == [0.10000000149011612, 0.5, 3.0, 0.10000000149011612]
    assert found.notes == ("0.1 was taken as the float32 number 0.100000001490116119384765625 (0x1.99999a0000000p-4)",)
    assert answer("softmax", ["0.25", 3]).notes == ()


def test_text_is_rounded_once_to_the_format() -> None:
    assert read("1.00000005960464477539062500001", "float32").value == 1 + 2.0**-23  # just above 1 + 2^-24
    assert read("0x1.0000010000000000001p0", "float32").value == 1 + 2.0**-23
    assert read("1e-46", "float32").value == 0.0
    assert read("1e400").value == math.inf
    assert read("1e999999999").value == math.inf
    assert read("-1e-999999999").value == 0.0
    assert "overflows float16" in read("70000", "float16").note
    assert read(2**53 + 1).value == 2.0**53
    assert read("-INF").value == -math.inf
    assert math.isnan(read("nan").value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ask("softmax", ["1", "two"]), "logit='two' is no number"),
        (lambda: ask("softmax", ["0x"]), "logit='0x' is no number"),
        (lambda: ask("softmax", ["1,5"]), "is no number"),
        (lambda: ask("softmax", [True]), "logit=True is no number"),
        (lambda: ask("softmax", ["0x1p999999"]), "binary exponent"),
        (lambda: ask("softmax", []), "no logits"),
        (lambda: ask("sofmax", ["1"]), "Did you mean 'softmax'"),
        (lambda: ask("softmax_vjp", ["1"]), "core operation"),
        (lambda: ask("softmax", ["1"], format="float31"), "unknown format"),
        (lambda: ask("softmax", ["1"], label=0), "takes no label"),
        (lambda: ask("cross_entropy", ["1"]), "needs the true class"),
        (lambda: ask("cross_entropy", ["1", "2"], label=2), "from 0 to 1"),
        (lambda: ask("cross_entropy", ["1", "2"], label=-1), "from 0 to 1"),
        (lambda: ask("softmax", ["1"], digits=0), "digits=0"),
        (lambda: ask("softmax", ["1"], digits=10**9), "digits=1000000000"),
        (lambda: ask("softmax", ["inf"], format="float8_e4m3fn"), "no infinity"),
        (lambda: ask("softmax", ["500"], format="float8_e4m3fn"), "largest number is 448"),
    ],
)
def test_wrong_questions_are_usage_errors(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(UsageError, match=message):
        call()
