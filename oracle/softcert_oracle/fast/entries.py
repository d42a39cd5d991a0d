"""The fast path's kernels for LLVM: each takes the address of its arguments (`softcert_oracle.native`)."""

from __future__ import annotations

from softcert_oracle.fast.jit import entry
from softcert_oracle.fast.kernels import work
from softcert_oracle.native.pointers import float_rows, floats, integer_rows, integers


@entry
def enclose(address: int) -> int:
    """`softcert_oracle.fast.kernels.work`, with its arguments as `softcert_oracle.fast.entry.work` lists them."""
    a = integers(address, 32)
    m, classes, tiles, own, others, logs = a[6], a[7], a[8], a[10], a[11], a[12]
    b = integers(address + 8 * 13, 23)
    scratch = integers(b[1], tiles), floats(b[2], tiles), float_rows(b[3], tiles, 3)
    p = float_rows(b[4], own, classes), float_rows(b[5], own, classes)
    complement = float_rows(b[8], m, others), float_rows(b[9], m, others)
    log = float_rows(b[12], m, logs), float_rows(b[13], m, logs)
    out = (
        a[9] != 0,
        (p[0], p[1], integer_rows(b[6], own, classes), float_rows(b[7], own, classes)),
        (complement[0], complement[1], integer_rows(b[10], m, others), float_rows(b[11], m, others)),
        (log[0], log[1], integer_rows(b[14], m, logs), float_rows(b[15], m, logs)),
        (floats(b[16], m), floats(b[17], m), integers(b[18], m), floats(b[19], m)),
        (floats(b[20], m), floats(b[21], m), floats(b[22], m)),
    )
    rejected: int = work((a[0], a[1]), float_rows(b[0], m, classes), (a[2], a[3]), (a[4], a[5]), scratch, out)
    return rejected


KERNELS = {"softcert_enclose": enclose}
"""The kernels by their names in the compiled code."""
