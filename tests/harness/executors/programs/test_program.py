"""Programs over exec: the protocol in C and in a few lines of Python, their faults, and what is refused."""

import itertools
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from softcert.executors import describe, open_executor
from softcert.executors.greeting import FORMAT_NUMBERS, OPERATION_NUMBERS
from softcert.executors.programs.program import ANSWER, HEADER, ProgramExecutor
from softcert.executors.protocol import Array, Request, to_numpy
from softcert_oracle.errors import UsageError

EXAMPLES = Path(__file__).resolve().parents[4] / "examples"

SCRIPT = """#!{python} -S
import signal, struct, sys, os, time
read, write = sys.stdin.buffer.read, sys.stdout.buffer.write
while head := read(32):
    version, operation, format, label_bytes, m, C = struct.unpack('<IIIIQQ', head)
    x = read(m * C * 4)
    labels = read(m * label_bytes)
    first = struct.unpack('<f', x[:4])[0] if x else 0
    if first == 1: os.abort()
    if first == 2: sys.exit(5)
    if first == 3: time.sleep(1000)
    if first == 4: print('told', file=sys.stderr)
    if first == 5: x = x[:4]
    if first == 6: x = x[:3]
    if first == 7: write(struct.pack('<q', 1 << 60)); sys.stdout.flush(); continue
    if first == 8: x = labels
    if first == 10: os.kill(os.getppid(), signal.SIGINT)
    if format != 2: x = None
    write(struct.pack('<q', -1 if x is None else len(x)) + (x or b'')); sys.stdout.flush()
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    path = tmp_path_factory.mktemp("program") / "my_softmax"
    path.write_text(SCRIPT.format(python=sys.executable))
    path.chmod(0o755)
    return path


@pytest.fixture
def executor(script):
    # One for each test: what a program does in one of them counts as a loss in no other.
    with ProgramExecutor([str(script)], timeout=60.0, deaths_limit=3) as executor:
        yield executor


def asking(first, shape=(2, 3), dtype=np.float32, **fields):
    x = np.full(shape, first, dtype)
    return Request(operation="softmax", format=x.dtype.name, arrays=(Array.of(x),), **fields)


def test_values_come_back_from_one_process_for_all_calls(executor):
    for first, shape in ((0, (2, 3)), (0.5, (1, 1)), (9, (300, 400)), (0, (0, 3))):
        (result,) = executor.run(asking(first, shape)).results
        assert (result.format, result.shape) == ("float32", shape)
        assert np.all(to_numpy(result) == np.float32(first))
    assert executor.deaths == 0


@pytest.mark.parametrize(
    ("first", "kind", "words"), [(1, "crash", "SIGABRT"), (2, "exit", "status 5"), (3, "hang", "1 s")]
)
def test_a_program_that_dies_or_hangs_is_started_again(executor, first, kind, words):
    executor.run(asking(0))  # started: the interpreter's own start is not what is tested
    executor.timeout = 1.0 if kind == "hang" else 60.0
    fault = executor.run(asking(first)).fault
    assert fault.kind == kind
    assert words in fault.message
    executor.timeout = 60.0
    assert executor.run(asking(0)).fault is None


def test_stderr_is_observed(executor):
    assert executor.run(asking(4)).observations == (("stderr", "told\n"),)


def test_too_few_values_are_reported_as_they_are(executor):
    (result,) = executor.run(asking(5)).results
    assert result.shape == (1,)
    assert "no whole number of float32" in executor.run(asking(6)).fault.message


def test_an_absurd_size_is_a_fault_of_kind_result(executor):
    fault = executor.run(asking(7)).fault
    assert fault.kind == "result"
    assert str(1 << 60) in fault.message


def test_labels_travel_in_their_own_width(executor):
    for dtype, size in (("int32", 4), ("int64", 8)):
        labels = np.array([1, 2], dtype)
        x = Array.of(np.full((2, 2), 8, np.float32))
        reply = executor.run(Request(operation="softmax", format="float32", arrays=(x, Array.of(labels))))
        assert bytes(reply.results[0].data) == labels.tobytes()
        assert reply.results[0].shape == ((2,) if size == 4 else (2, 2))


def test_what_the_protocol_cannot_say_is_unsupported(executor):
    strided = Array(data=bytes(24), format="float32", shape=(3, 2), strides=(4, 12))
    vectors = (Array.of(np.zeros((2, 2), np.float32)),) * 2
    for request, words in (
        (asking(0, options={"temperature": 2}), "no options"),
        (Request(operation="softmax", format="float32", arrays=(strided,)), "C order"),
        (Request(operation="softmax_vjp", format="float32", arrays=vectors), "no operation softmax_vjp"),
    ):
        fault = executor.run(request).fault
        assert fault.kind == "unsupported"
        assert words in fault.message


def test_what_a_program_declines_is_its_own_word(executor):
    """It is held against the rest of the unit, unlike what the protocol cannot say."""
    fault = executor.run(asking(0, dtype=np.float64)).fault
    assert (fault.kind, fault.message) == ("unavailable", "the program does not support softmax in float64")


GREETS = """#!{python} -S
import os, struct, sys
pairs = {pairs}
read, write = sys.stdin.buffer.read, sys.stdout.buffer.write
write(b'softcert' + struct.pack('<II', {version}, {count}) + b''.join(struct.pack('<II', *p) for p in pairs))
sys.stdout.flush()
while head := read(32):
    version, operation, format, label_bytes, m, C = struct.unpack('<IIIIQQ', head)
    x = read(m * C * (8 if format == 1 else 4))
    declined = x and struct.unpack('<f', x[:4])[0] == 5
    write(struct.pack('<q', -1 if declined else len(x)) + (b'' if declined else x)); sys.stdout.flush()
    if x and struct.unpack('<f', x[:4])[0] == 6: write(x); sys.stdout.flush()
"""


@pytest.fixture
def greets(tmp_path):
    def make(pairs=((1, 2), (99, 2)), version=1, count=None):
        path = tmp_path / "softmax"
        fields = {"pairs": pairs, "version": version, "count": len(pairs) if count is None else count}
        path.write_text(GREETS.format(python=sys.executable, **fields))
        path.chmod(0o755)
        return path

    return make


def test_a_greeting_says_what_a_program_has(greets):
    """By operation and format; what it does not name is not run, whatever the program answers to it."""
    path = greets()
    assert describe(f"exec:{path}").dtypes == ("float32",)
    with ProgramExecutor([str(path)], timeout=60) as executor:
        for _ in range(2):
            fault = executor.run(asking(0, dtype=np.float64)).fault
            assert (fault.kind, fault.message) == (
                "unsupported",
                "the program's greeting does not name softmax in float64",
            )
        assert executor.run(asking(0)).fault is None


def test_a_call_that_the_greeting_promises_may_not_be_declined(greets):
    with ProgramExecutor([str(greets())], timeout=60) as executor:
        fault = executor.run(asking(5)).fault
        assert fault.kind == "declined"
        assert "which its greeting names" in fault.message
        assert executor.run(asking(0)).fault is None


@pytest.mark.parametrize("broken", [{"version": 2}, {"count": 1 << 31}])
def test_a_broken_greeting_is_a_finding(greets, broken):
    with ProgramExecutor([str(greets(**broken))], timeout=60) as executor:
        fault = executor.run(asking(0)).fault
        assert fault.kind == "protocol"
        assert "it sent a greeting of version" in fault.message


def test_bytes_that_nobody_asked_for_are_a_finding(greets):
    """Seen before the next call, or taken for the answer to it where they come late."""
    with ProgramExecutor([str(greets())], timeout=60) as executor:
        assert executor.run(asking(6, (300, 400))).fault is None
        assert executor.run(asking(0)).fault.kind in ("protocol", "result")
        assert executor.run(asking(0)).fault is None


def test_a_program_that_does_not_read_is_a_hang(tmp_path):
    """Its answers come without its having read anything, until the pipe is full."""
    path = tmp_path / "softmax"
    path.write_text(f"#!{sys.executable} -S\nimport time\ntime.sleep(1000)\n")
    path.chmod(0o755)
    with ProgramExecutor([str(path)], timeout=0.3, deaths_limit=9) as executor:
        for shape in ((1, 2), (300, 400)):
            assert executor.run(asking(0, shape)).fault.kind == "hang"


def test_a_program_that_always_dies_is_given_up(script):
    with ProgramExecutor([str(script)], timeout=60, deaths_limit=2) as executor:
        for _ in range(2):
            assert executor.run(asking(1)).fault.kind == "crash"
        assert executor.given_up
        assert "given up after 2 calls" in executor.run(asking(0)).fault.message


def test_operation_and_formats_are_found_out(script):
    subject = describe(f"exec:{script}")
    assert (list(subject.ops), subject.dtypes, subject.name) == (["softmax"], ("float32",), "my_softmax")
    assert subject.inferred[0] == "operation softmax, from the program's name 'my_softmax'"
    assert list(describe(f"exec:{script}", op="softmax,log_softmax", dtypes="float32").ops) == [
        "softmax",
        "log_softmax",
    ]


def test_what_is_no_program_is_refused(script, tmp_path):
    unnamed = tmp_path / "thing"
    shutil.copy(script, unnamed)
    for spec, words in (
        (f"exec:{unnamed}", "does not say which operation it is"),
        ("exec:./no_such_program", "no program './no_such_program'"),
        ("exec:", "names no program"),
    ):
        with pytest.raises(UsageError, match=words):
            describe(spec)
    with pytest.raises(UsageError, match="a program may have softmax"):
        describe(f"exec:{script}", op="softmax_vjp")


def test_the_numbers_of_the_protocol_are_those_of_the_documentation():
    text = (EXAMPLES.parent / "docs" / "exec-protocol.md").read_text(encoding="utf-8")
    for name, number in (*OPERATION_NUMBERS.items(), *FORMAT_NUMBERS.items()):
        assert f"| {number} | {name} |" in text
    assert (HEADER.size, ANSWER.size) == (32, 8)


def test_the_example_in_c_is_compiled_and_right(tmp_path):
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler here")
    program = tmp_path / "softmax"
    subprocess.run([compiler, "-O2", "-Wall", "-Werror", "-o", program, EXAMPLES / "exec_softmax.c", "-lm"], check=True)
    subject = describe(f"exec:{program}")
    assert (list(subject.ops), subject.dtypes) == (["softmax"], ("float32",))
    with open_executor(subject) as executor:
        x = np.array([[0, 0, 0, 0], [500, 500, -500, 0]], np.float32)
        (result,) = executor.run(Request(operation="softmax", format="float32", arrays=(Array.of(x),))).results
        assert to_numpy(result).tolist() == [[0.25] * 4, [0.5, 0.5, 0, 0]]


def test_a_loss_of_each_row_keeps_its_shape_for_one_row(script):
    subject = describe(f"exec:{script}", op="cross_entropy", dtypes="float32", contract={"reduction": "none"})
    x = Array.of(np.full((1, 2), 5, np.float32))  # 5: the script answers with one value
    with open_executor(subject) as executor:
        reply = executor.run(Request(operation="cross_entropy", format="float32", arrays=(x, Array.of(np.array([0])))))
    assert reply.results[0].shape == (1,)


@pytest.mark.skipif(os.name == "nt", reason="signals are sent the POSIX way")
def test_after_ctrl_c_in_a_call_the_next_call_gets_its_own_answer(executor):
    executor.run(asking(0))
    with pytest.raises(KeyboardInterrupt):
        list(map(executor.run, itertools.repeat(asking(10, (300, 400)))))  # the signal may arrive just after an answer
    (result,) = executor.run(asking(9)).results
    assert to_numpy(result).tolist() == [[9] * 3] * 2
    assert executor.deaths == 0


def test_a_program_that_is_not_there_is_a_crash(tmp_path):
    with ProgramExecutor([str(tmp_path / "gone")], deaths_limit=2) as executor:
        fault = executor.run(asking(0)).fault
    assert fault.kind == "crash"
    assert "cannot be started" in fault.message


def test_closing_twice_is_harmless_and_running_afterwards_is_not(script):
    executor = ProgramExecutor([str(script)])
    executor.close()
    executor.close()
    with pytest.raises(ValueError, match="closed"):
        executor.run(asking(0))


MISTAKES = {
    "text before the first answer": ("print('Loading the model ...', flush=True)", "", "'Loading the model ...'"),
    "a short text and nothing else": ("print('hi', flush=True); time.sleep(9)", "", "text to stdout ('hi')"),
    "text after an answer": ("", "sys.stdout.buffer.flush(); print('done 1', flush=True)", "text to stdout ('done 1')"),
    "no flush": ("", "continue", "flush stdout after each answer"),
    "one call alone": ("", "sys.stdout.buffer.flush(); break", "ended after 1 answer, with status 0"),
    "an end at once": ("sys.exit(3)", "", "ended without an answer, with status 3: read requests in a loop"),
}
PROGRAM = """#!{python} -IS
import struct, sys, time
{first}
while head := sys.stdin.buffer.read(32):
    m, C = struct.unpack('<QQ', head[16:])
    x = sys.stdin.buffer.read(4 * m * C)
    sys.stdout.buffer.write(struct.pack('<q', len(x)) + x)
    {then}
"""


@pytest.mark.parametrize("mistake", list(MISTAKES))
def test_a_mistake_in_the_protocol_is_said_with_its_remedy(mistake, tmp_path):
    first, then, words = MISTAKES[mistake]
    path = tmp_path / "softmax"
    path.write_text(PROGRAM.format(python=sys.executable, first=first, then=then or "sys.stdout.buffer.flush()"))
    path.chmod(0o755)
    with ProgramExecutor([str(path)], timeout=1.5, deaths_limit=3) as executor:
        faults = [executor.run(asking(0.0)).fault for _ in range(2)]
        time.sleep(0.1)
        faults.append(executor.run(asking(0.0)).fault)
    said = [fault.message for fault in faults if fault is not None]
    assert any(words in message for message in said), said
