"""Compiled kernels without a compiler to wait for: shipped as LLVM's code, made into machine code once on a machine.

Numba turns the kernels' Python into LLVM's intermediate code, which takes it a quarter of a minute; `build` does that
when the kernels change, and the code is part of the package. What is left to do on a machine takes LLVM about a second,
and its result is kept. Neither needs Numba to be imported.
"""
