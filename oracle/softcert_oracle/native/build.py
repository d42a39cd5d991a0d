"""Building the kernels' code with Numba, after a change of their sources.

    python -m softcert_oracle.native.build            # build what is not of today's sources
    python -m softcert_oracle.native.build --print softcert_oracle.fast.entries

The code is for any processor: without vectors, which come when it is compiled where it runs. It calls nothing but
functions of the C library.
"""

from __future__ import annotations

import argparse
import importlib
import lzma
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from softcert_oracle.native.code import Code

CODES = ("softcert_oracle.fast.entry:CODE", "softcert_oracle.judging.compiled.entry:CODE")
"""Every set of kernels."""

LIBRARY = frozenset({"exp", "expm1", "log", "log1p", "fma"})
"""Functions of the C library that kernels may call."""

PASSES = "softcert_oracle4fast6passes"
"""In the names of the loops over classes: by itself such a loop is made to run on vectors, inside another it is not."""


def codes() -> list[Code]:
    """Every set of kernels of the package."""
    found = []
    for place in CODES:
        module, _, name = place.partition(":")
        found.append(getattr(importlib.import_module(module), name))
    return found


def built(builder: str) -> str:
    """LLVM's code of the kernels of a module, by Numba in this process."""
    import llvmlite.binding as llvm

    kernels = importlib.import_module(builder).KERNELS
    whole = llvm.parse_assembly("")
    for symbol, kernel in kernels.items():
        with _no_machine_code():
            kernel.compile("int64(int64)")
        (overload,) = kernel.overloads.values()
        own = llvm.parse_assembly(overload.library.get_llvm_str())
        own.get_function(overload.fndesc.llvm_func_name).name = symbol
        _hide(own, {symbol})
        whole.link_in(own)
    _hide(whole, set(kernels))
    for function in whole.functions:
        if PASSES in function.name and not function.is_declaration:
            function.add_function_attribute("noinline")
    _tidied(whole)
    outside = {f.name for f in whole.functions if f.is_declaration and not f.name.startswith("llvm.")} - LIBRARY
    if outside:
        raise RuntimeError(f"kernels call {sorted(outside)}: only {sorted(LIBRARY)} are there wherever they run.")
    lines = (line for line in str(whole).splitlines() if not line.startswith(("target ", "; ModuleID", "source_file")))
    return "\n".join(lines) + "\n"


@contextmanager
def _no_machine_code() -> Iterator[None]:
    """Numba stops at LLVM's code: making machine code of it rewrites loops for one processor, and nobody runs it."""
    from numba.core.codegen import JITCodeLibrary, JITCPUCodegen

    with (
        patch.object(JITCodeLibrary, "_finalize_specific", lambda library: None),
        patch.object(JITCodeLibrary, "get_pointer_to_function", lambda library, name: library._ensure_finalized() or 0),
        patch.object(JITCPUCodegen, "set_env", lambda codegen, name, environment: None),
    ):
        yield


def _hide(module: Any, shown: set[str]) -> None:
    """Leave only the kernels themselves visible, so that everything that they do not use can go."""
    for item in (*module.functions, *module.global_variables):
        if not item.is_declaration and item.name not in shown:
            item.linkage = "internal"
    for item in module.functions:
        if item.name in shown:
            item.linkage = "external"


def _tidied(module: Any) -> None:
    import llvmlite.binding as llvm

    target = llvm.Target.from_default_triple().create_target_machine(cpu="generic", opt=1)
    tuning = llvm.create_pipeline_tuning_options(speed_level=1)
    tuning.loop_vectorization = tuning.slp_vectorization = tuning.loop_unrolling = False
    builder = llvm.create_pass_builder(target, tuning)
    builder.getModulePassManager().run(module, builder)


def main() -> int:
    """Build what is not of today's sources, or print one set of kernels."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print", metavar="MODULE", help="print the code of this module's kernels")
    builder = parser.parse_args().print
    if builder:
        sys.stdout.write(built(builder))
        return 0
    for code in codes():
        if code.fresh() is None:
            code.shipped.write_bytes(lzma.compress(code.build().encode(), preset=9))
            print(f"built {code.shipped}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
