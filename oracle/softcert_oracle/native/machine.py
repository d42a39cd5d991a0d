"""LLVM, by llvmlite alone: code to this machine's object file, and an object file to addresses of functions."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

_KEPT: list[Any] = []
"""What owns the memory of linked functions, as long as the process runs."""


@cache
def identity() -> str:
    """A short name of this processor and LLVM: code that was compiled for one need not run on another."""
    llvm = _llvm()
    import llvmlite

    features = llvm.get_host_cpu_features().flatten()
    parts = (llvmlite.__version__, llvm.get_process_triple(), llvm.get_host_cpu_name(), features)
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]


def compiled(text: str) -> bytes:
    """The object file of LLVM's code, optimised for this processor; strict IEEE arithmetic, as the code says.

    Raises
    ------
    RuntimeError
        Where this LLVM does not understand the code.
    """
    llvm, target = _llvm(), _target_machine()
    module = llvm.parse_assembly(text)
    module.triple, module.data_layout = target.triple, str(target.target_data)
    module.verify()
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    tuning.loop_vectorization = tuning.slp_vectorization = tuning.loop_unrolling = True
    builder = llvm.create_pass_builder(target, tuning)
    builder.getModulePassManager().run(module, builder)
    return bytes(target.emit_object(module))


def link(image: bytes, symbols: Sequence[str]) -> Mapping[str, int]:
    """The addresses of functions in an object file, loaded into this process for good."""
    llvm = _llvm()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target_machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(image))
    engine.finalize_object()
    _KEPT.append(engine)
    addresses = {symbol: engine.get_function_address(symbol) for symbol in symbols}
    missing = [symbol for symbol, address in addresses.items() if not address]
    if missing:
        raise RuntimeError(f"kernels {missing} are missing in compiled code.")
    return addresses


def environment_for_building() -> dict[str, str]:
    """The environment in which Numba makes code for any processor: not vectorised, that is left to `compiled`."""
    neutral = {"NUMBA_OPT": "0", "NUMBA_LOOP_VECTORIZE": "0", "NUMBA_SLP_VECTORIZE": "0", "NUMBA_CPU_NAME": "generic"}
    return {**os.environ, **neutral, "NUMBA_CPU_FEATURES": "", "NUMBA_DISABLE_JIT": "0"}


def _target_machine() -> Any:
    """As Numba's: machine code to be loaded into this process."""
    llvm = _llvm()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="static" if target.name.startswith("x86") else "default",
        codemodel="jitdefault",
        jit=True,
    )


@cache
def _llvm() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm
