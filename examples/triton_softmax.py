"""A Triton kernel, one program a row. Without a GPU: TRITON_INTERPRET=1 runs it in Triton's interpreter.

    TRITON_INTERPRET=1 softcert certify examples/triton_softmax.py:softmax --dtype float32 --effort quick

The kernel reads whole rows, so the wrapper refuses none of the layouts: strides are passed on.
"""

import torch
import triton
import triton.language as tl


@triton.jit
def _kernel(out, x, row_stride, column_stride, classes, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    columns = tl.arange(0, BLOCK)
    inside = columns < classes
    values = tl.load(x + row * row_stride + columns * column_stride, mask=inside, other=-float("inf"))
    e = tl.exp(values - tl.max(values, axis=0))
    e = tl.where(inside, e, 0.0)
    tl.store(out + row * classes + columns, e / tl.sum(e, axis=0), mask=inside)


def softmax(x: torch.Tensor) -> torch.Tensor:
    rows, classes = x.shape
    out = torch.empty((rows, classes), dtype=x.dtype, device=x.device)
    if rows:
        block = triton.next_power_of_2(classes)
        _kernel[(rows,)](out, x, x.stride(0), x.stride(1), classes, BLOCK=block)
    return out
