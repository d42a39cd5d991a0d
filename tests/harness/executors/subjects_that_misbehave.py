"""Functions that do what subjects do when they go wrong; the first logit says which."""

import ctypes
import os
import signal
import sys
import threading
import time
import warnings

import numpy as np

FINE = 0.0
LIBC = ctypes.CDLL(None)


def _grow_in_c():
    LIBC.malloc.restype = ctypes.c_void_p
    while True:
        block = LIBC.malloc(1 << 24)
        ctypes.memset(block, 1, 1 << 24)  # a subject that never looks at what malloc returned


def _flush_to_zero():
    import torch

    torch.set_flush_denormal(True)


ACTIONS = {
    1.0: lambda: ctypes.string_at(0),
    2.0: os.abort,
    3.0: lambda: os._exit(3),
    4.0: lambda: sys.exit("enough"),
    5.0: lambda: time.sleep(1000),
    6.0: lambda: ctypes.PyDLL(None).sleep(1000),  # PyDLL keeps the GIL, as C code does that never yields it
    7.0: lambda: np.ones(1 << 40, np.uint8),
    8.0: _grow_in_c,
    9.0: lambda: 1 / 0,
    10.0: lambda: os.kill(os.getpid(), signal.SIGFPE),
    11.0: lambda: os.kill(os.getppid(), signal.SIGKILL),
    12.0: lambda: os.closerange(0, 4096),
    13.0: lambda: os.fork() == 0 and time.sleep(1000),
    14.0: lambda: print("from print"),
    15.0: lambda: os.write(2, b"from a descriptor"),
    16.0: lambda: LIBC.puts(b"from C"),
    17.0: lambda: warnings.warn("from warn", stacklevel=1),
    18.0: lambda: threading.Thread(target=time.sleep, args=(1000,), daemon=True, name="left").start(),
    19.0: _flush_to_zero,
}

RESULTS = {
    30.0: lambda x: [1.0],
    31.0: lambda x: None,
    32.0: lambda x: "text",
    33.0: lambda x: x[:, :1].copy(),
    34.0: lambda x: x.astype(np.float16),
    35.0: lambda x: 1.5,
    36.0: lambda x: np.array([object()]),
    37.0: lambda x: np.zeros(60 << 20),
    38.0: lambda x: (x, x),
    39.0: lambda x: x.astype(x.dtype.newbyteorder()),
}


def softmax(x):
    code = float(x[0, 0]) if x.size else FINE
    if code in ACTIONS:
        ACTIONS[code]()
    if code in RESULTS:
        return RESULTS[code](x)
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
