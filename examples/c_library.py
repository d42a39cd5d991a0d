"""A C library through ctypes.

    cc -O2 -shared -fPIC -o c_softmax.so examples/c_softmax.c -lm
    C_SOFTMAX=./c_softmax.so softcert certify examples/c_library.py:IMPLEMENTATION

The wrapper hands over pointers, so it copies what is not in C order: the library knows no strides. A segmentation
fault in the library would be a finding, not the end of the run.
"""

import ctypes
import os

import numpy as np

from softcert_implementations.implementation import Implementation

_library = ctypes.CDLL(os.path.abspath(os.environ.get("C_SOFTMAX", "c_softmax.so")))
_library.softmax_f32.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t]
_library.softmax_f32.restype = None


def softmax(x):
    x = np.ascontiguousarray(x, np.float32)
    out = np.empty_like(x)
    _library.softmax_f32(x.ctypes.data, out.ctypes.data, *x.shape)
    return out


IMPLEMENTATION = Implementation(name="c_softmax", ops={"softmax": softmax}, dtypes=("float32",), arrays="numpy")
