"""Declining is a matter of whole units: a subject that declines single calls is never certified."""

import sys

import numpy as np
import pytest

from softcert.certification.certify import certify_until_failed
from softcert.certification.plan import Plan
from softcert.executors import describe
from softcert_implementations.adapters import UnavailableError, UnsupportedError
from softcert_implementations.implementation import Implementation

PATCHES = """
import numpy as np
from softcert_implementations.adapters import UnsupportedError, calling
real = calling._Function._positional
def declining(self, arrays):
    made = real(self, arrays)
    if made[0].value.size and not np.abs(made[0].value).max() <= 5:
        raise UnsupportedError('numpy cannot hold this')
    return made
calling._Function._positional = declining
def softmax(x):
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)
"""

DECLINES = """#!{python} -S
import struct, sys
read, write = sys.stdin.buffer.read, sys.stdout.buffer.write
from math import exp
while head := read(32):
    _, operation, format, label_bytes, m, C = struct.unpack('<IIIIQQ', head)
    x = struct.unpack(f'<{{m * C}}f', read(m * C * 4))
    if any(not abs(v) <= {limit} for v in x):
        write(struct.pack('<q', -1))
    else:
        rows = [[exp(v) for v in x[i * C:(i + 1) * C]] for i in range(m)]
        out = [e / sum(row) for row in rows for e in row]
        write(struct.pack('<q', 4 * len(out)) + struct.pack(f'<{{len(out)}}f', *out))
    sys.stdout.flush()
"""


def declining(error):
    def softmax(x):
        if x.size and not np.abs(x).max() <= 5:
            raise error("too large for me")
        e = np.exp(x)
        return e / e.sum(axis=-1, keepdims=True)

    return Implementation("declines", {"softmax": softmax}, dtypes=("float32",), arrays="numpy", batched=True)


def violations(subject, isolation="process", **keywords):
    """The verdict of a run that ends at its first failure, and what it has seen of the property `completes`."""
    plan = Plan.of("quick", "stable", 0, isolation=isolation)
    result = certify_until_failed(describe(subject, isolation=isolation, **keywords), plan)
    (unit,) = result.units
    found = [v for v in unit.tally.tallies.violations.values() if v.property_name == "completes"]
    return result.verdict, [v.cause for v in found], [v.candidates[0][1].message for v in found]


@pytest.mark.parametrize(("error", "isolation"), [(UnsupportedError, "process"), (UnavailableError, "none")])
def test_raising_the_adapters_errors_is_a_finding(error, isolation):
    verdict, causes, messages = violations(declining(error), isolation)
    assert (verdict, causes) == ("not certified", ["declined"])
    assert "the subject itself raised an error of the adapters" in messages[0]


def test_a_program_that_declines_what_is_hard_is_not_certified(tmp_path):
    path = tmp_path / "softmax"
    path.write_text(DECLINES.format(python=sys.executable, limit=5))
    path.chmod(0o755)
    verdict, causes, _ = violations(f"exec:{path}", dtypes=("float32",))
    assert (verdict, causes) == ("not certified", ["declined"])


def test_a_program_that_declines_everything_was_not_run(tmp_path):
    path = tmp_path / "softmax"
    path.write_text(DECLINES.format(python=sys.executable, limit=-1).replace("any(", "1 or any("))
    path.chmod(0o755)
    assert violations(f"exec:{path}", dtypes=("float32",)) == ("not run", [], [])


def test_a_subject_that_patches_the_adapters_in_its_worker_is_not_certified(tmp_path):
    """What an array library can hold is decided in the harness, so the worker's word is held against the unit."""
    (tmp_path / "patches.py").write_text(PATCHES)
    verdict, causes, _ = violations(f"{tmp_path}/patches.py:softmax", arrays="numpy", dtypes=("float32",))
    assert (verdict, causes) == ("not certified", ["declined"])
