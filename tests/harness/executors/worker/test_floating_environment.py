"""The floating-point environment is probed by arithmetic and put back."""

import ctypes
import platform
import sys

import pytest

from softcert.executors.worker.floating_environment import Environment, probe

UPWARD, DOWNWARD, TOWARD_ZERO = 0x800, 0x400, 0xC00  # fenv.h on x86-64


def test_the_default_environment_has_no_deviation():
    assert probe() == ""


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="the numbers are those of x86-64 on Linux"
)
@pytest.mark.parametrize(
    ("mode", "words"),
    [(UPWARD, "rounding is upward"), (DOWNWARD, "rounding is downward"), (TOWARD_ZERO, "rounding is toward zero")],
)
def test_a_rounding_mode_is_seen_and_restored(mode, words):
    library = ctypes.CDLL("libm.so.6")
    environment = Environment()
    library.fesetround(mode)
    try:
        seen = probe()
    finally:
        environment.restore()
    assert seen == words
    assert probe() == ""


def test_flushing_to_zero_is_seen_and_restored():
    torch = pytest.importorskip("torch")
    environment = Environment()
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor cannot flush to zero")
    try:
        seen = probe()
    finally:
        environment.restore()
    assert "subnormal results are flushed to zero" in seen
    assert probe() == ""
