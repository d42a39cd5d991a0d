"""Sets of kernels: shipped code is that of today's sources, and what replaces it where it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("llvmlite")

from softcert_oracle.native import machine
from softcert_oracle.native.build import LIBRARY, codes
from softcert_oracle.native.code import Code

DOUBLED = """
define i32 @doubled(ptr %result, ptr %none, i64 %value) {
  %twice = add i64 %value, %value
  store i64 %twice, ptr %result
  ret i32 0
}
"""
"""A kernel in LLVM's code, by Numba's convention."""


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Code:
    """A set of one kernel with a source file, a folder and a cache of its own; nothing is shipped yet."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "kernels.py").write_text("# doubled\n")
    return again(tmp_path)


def again(folder: Path) -> Code:
    """The same set as another process sees it."""
    return Code(name="doubled", folder=folder, builder="none", symbols=("doubled",), sources=(folder,))


def ship(code: Code, text: str) -> None:
    """Write the code's file, as building does."""
    import lzma

    code.shipped.write_bytes(lzma.compress((code.header + text).encode()))


@pytest.mark.parametrize("shipped", codes(), ids=lambda code: code.name)
def test_the_shipped_code_is_built_from_the_sources_of_today(shipped: Code) -> None:
    """Else a first run takes a quarter of a minute: run `python -m softcert_oracle.native.build`."""
    assert shipped.fresh() is not None


@pytest.mark.parametrize("shipped", codes(), ids=lambda code: code.name)
def test_the_shipped_code_is_for_any_processor(shipped: Code) -> None:
    """It names no target, holds no vectors and calls nothing but the C library's functions."""
    text = shipped.fresh()
    assert text is not None
    outside = [line for line in text.splitlines() if line.startswith("declare") and "@llvm." not in line]
    assert all(any(f"@{name}(" in line for name in LIBRARY) for line in outside)
    assert "target triple" not in text
    assert "x double>" not in text


def test_shipped_code_is_compiled_once_and_kept(code: Code, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second process loads what the first one left."""
    ship(code, DOUBLED)
    assert not code.ready
    assert code.functions["doubled"](21) == 42
    monkeypatch.setattr(machine, "compiled", None)
    other = again(tmp_path)
    assert other.ready
    assert other.functions["doubled"](-4) == -8


def test_code_of_other_sources_is_not_used(code: Code, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change of a source the code is built anew, and so is what was kept."""
    ship(code, DOUBLED)
    assert code.functions["doubled"](1) == 2
    (tmp_path / "kernels.py").write_text("# trebled\n")
    other = again(tmp_path)
    assert other.fresh() is None
    assert not other.ready
    trebled = DOUBLED.replace("%twice = add i64 %value, %value", "%twice = mul i64 %value, 3")
    monkeypatch.setattr(Code, "build", lambda self: trebled)
    assert other.functions["doubled"](5) == 15


def test_code_that_this_llvm_does_not_understand_is_built_anew(code: Code, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version's words are no reason to fail."""
    ship(code, "an instruction of the future")
    monkeypatch.setattr(Code, "build", lambda self: DOUBLED)
    assert code.functions["doubled"](3) == 6


def test_a_failing_build_says_why(code: Code) -> None:
    """The builder's own words are in the message."""
    with pytest.raises(RuntimeError, match=r"building the kernels 'doubled' failed[\s\S]*No module named 'none'"):
        code.functions  # noqa: B018 - a cached property


def test_a_missing_kernel_is_named(code: Code, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that lacks a kernel is an error, not a crash."""
    with pytest.raises(RuntimeError, match="trebled"):
        machine.link(machine.compiled(DOUBLED), ("trebled",))


def test_judging_imports_no_numba() -> None:
    """Its import takes half a second, which each process would pay."""
    program = (
        "import sys, numpy as np\n"
        "from softcert_oracle.judging import Block, judge_block\n"
        "from softcert_oracle.limit_parameters import LimitParameters\n"
        "p = LimitParameters(format='float64')\n"
        "one = np.ones((1, 1))\n"
        "told = judge_block(Block(operation='softmax', parameters=p, x=one, starts=np.array([0, 1]), got=one))\n"
        "assert told.compiled.all() and 'numba' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
