"""The kernels of judging for LLVM: each takes the address of its arguments (`softcert_oracle.native`)."""

from __future__ import annotations

from softcert_oracle.fast.jit import entry
from softcert_oracle.judging.compiled import kernel, tally
from softcert_oracle.judging.compiled.constants import CONTRACT
from softcert_oracle.judging.compiled.growth.claims import SUM
from softcert_oracle.judging.compiled.growth.of_batches import EXPONENTS
from softcert_oracle.judging.compiled.row_state import ROW_STATE
from softcert_oracle.judging.layout import BINS, RESULT
from softcert_oracle.native.pointers import array_at, float_rows, floats, integer_rows, integers

_judge, _by_case = kernel.judge, tally.by_case

_contracts = array_at(CONTRACT, 1)
_results = array_at(RESULT, 1)
_states = array_at(ROW_STATE, 1)
_sums = array_at(SUM, 1)

STATE = ROW_STATE.itemsize


@entry
def judge(address: int) -> int:
    """`softcert_oracle.judging.compiled.kernel.judge`, with its arguments as `compiled.entry.judge` lists them."""
    a = integers(address, 18)
    m, classes, cases, results, columns, spare, tiles = a[0], a[1], a[2], a[3], a[4], a[5], a[6]
    s, c = a[15], 8 * classes
    order = integers(s + 8 * c, classes), integers(s + 9 * c, classes), integer_rows(s + 10 * c, 3, spare)
    t = s + 10 * c + 24 * spare
    deferred: int = _judge(
        contract=_contracts(a[7], 1),
        x=float_rows(a[8], m, classes),
        starts=integers(a[9], cases + 1),
        labels=integers(a[16], m),
        got=float_rows(a[10], results, columns),
        claim=_sums(a[11], 1),
        batches=_sums(a[12], a[17]),
        scratch=(
            (floats(s, classes), floats(s + c, classes), integers(s + 2 * c, classes)),
            (integers(t, tiles), floats(t + 8 * tiles, tiles)),
            (float_rows(s + 3 * c, 3, classes), floats(s + 6 * c, classes), floats(s + 7 * c, classes), *order),
            _states(t + 16 * tiles, 1),
            float_rows(t + 16 * tiles + STATE, 3, 2 * EXPONENTS),
        ),
        out=(_results(a[13], results), integer_rows(a[14], cases, BINS)),
    )
    return deferred


@entry
def cases(address: int) -> int:
    """`softcert_oracle.judging.compiled.tally.by_case`, with its arguments as `compiled.entry.by_case` lists them."""
    a = integers(address, 5)
    done: int = _by_case(_results(a[2], a[0]), integers(a[3], a[1] + 1), _results(a[4], a[1]))
    return done


KERNELS = {"softcert_judge": judge, "softcert_by_case": cases}
"""The kernels by their names in the compiled code."""
