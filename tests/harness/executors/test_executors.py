"""Executors: the same reply isolated or not, bits that travel unchanged, and all that is seen beside the result."""

import subprocess
import sys
import threading

import ml_dtypes
import numpy as np
import pytest
from tests.harness.executors.subjects_that_misbehave import softmax as misbehaving

from softcert.executors import describe, open_executor
from softcert.executors.in_process import InProcessExecutor
from softcert.executors.process import ProcessExecutor
from softcert.executors.protocol import Array, Request, to_numpy
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving import entry_points
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats

KEYWORDS = {"op": "softmax", "arrays": "numpy", "dtypes": ("float32",), "batched": True}


def one(function, **fields):
    return Implementation("subject", {"softmax": function}, batched=True, **fields)


def asking(x, *more, operation="softmax", **fields):
    return Request(operation=operation, format=x.dtype.name, arrays=tuple(Array.of(a) for a in (x, *more)), **fields)


@pytest.fixture(scope="module", params=["none", "zygote", "spawn"])
def misbehaves(request):
    if request.param == "none":
        executor = InProcessExecutor(one(misbehaving))
    else:
        executor = ProcessExecutor(misbehaving, KEYWORDS, start=request.param)
    with executor:
        yield executor


def told_by(executor, code):
    reply = executor.run(asking(np.full((2, 3), code, np.float32)))
    return reply, dict(reply.observations)


def test_text_from_python_descriptors_and_c_is_observed(misbehaves):
    assert told_by(misbehaves, 14)[1] == {"stdout": "from print\n"}
    assert told_by(misbehaves, 15)[1] == {"stderr": "from a descriptor"}
    assert told_by(misbehaves, 16)[1] == {"stdout": "from C\n"}
    assert told_by(misbehaves, 0)[1] == {}


def test_warnings_are_observed_and_decide_nothing(misbehaves):
    reply, seen = told_by(misbehaves, 17)
    assert seen == {"warning": "UserWarning: from warn"}
    assert reply.fault is None


def test_threads_left_behind_are_observed(misbehaves):
    assert told_by(misbehaves, 18)[1] == {"thread": "left left running"}


def test_a_changed_floating_point_environment_is_observed_and_undone(misbehaves):
    pytest.importorskip("torch")
    seen = told_by(misbehaves, 19)[1]
    assert "subnormal results are flushed to zero" in seen["floating-point environment"]
    assert "floating-point environment" not in told_by(misbehaves, 0)[1]
    assert np.float32(1e-38) * np.float32(0.1) != 0


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (30, "returned a list of 1"),
        (31, "returned None"),
        (32, "returned builtins.str"),
        (36, "of object"),
        (38, "a tuple of 2"),
    ],
)
def test_what_is_no_array_is_a_fault_of_kind_result(misbehaves, code, words):
    fault = told_by(misbehaves, code)[0].fault
    assert fault.kind == "result"
    assert words in fault.message


@pytest.mark.parametrize(
    ("code", "format", "shape"),
    [(33, "float32", (2, 1)), (34, "float16", (2, 3)), (35, "python-float", ()), (39, ">f4", (2, 3))],
)
def test_results_are_reported_in_the_shape_and_format_that_they_have(misbehaves, code, format, shape):
    (result,) = told_by(misbehaves, code)[0].results
    assert (result.format, result.shape) == (format, shape)
    expected = 1.5 if code == 35 else code
    assert np.all(to_numpy(result) == expected)


def test_a_flood_of_results_is_refused_or_carried_whole(misbehaves):
    reply = told_by(misbehaves, 37)[0]
    assert (reply.fault.kind == "result") if reply.fault else reply.results[0].shape == (60 << 20,)
    assert told_by(misbehaves, 0)[0].fault is None


def test_replies_are_the_same_isolated_or_not():
    subject = entry_points.load("numpy_shifted")
    rng = np.random.default_rng(0)
    with InProcessExecutor(subject) as here, ProcessExecutor("numpy_shifted") as there:
        for operation in operations.CORE:
            for name in subject.dtypes:
                for shape in ((0, 3), (1, 1), (3, 5), (40, 257)):
                    x = (rng.standard_normal(shape) * 30).astype(name)
                    labels = (rng.integers(0, shape[1], shape[0]),) if "cross" in operation else ()
                    request = asking(x, *labels, operation=operation)
                    a, b = here.run(request), there.run(request)
                    assert a.fault == b.fault
                    assert a.observations == b.observations
                    for left, right in zip(a.results or (), b.results or (), strict=True):
                        assert bytes(left.data) == bytes(right.data)
                        assert (left.format, left.shape) == (right.format, right.shape)


@pytest.mark.parametrize("name", formats.FORMATS)
@pytest.mark.parametrize("arrays", ["numpy", "torch"])
def test_every_bit_pattern_travels_unchanged(name, arrays):
    if arrays == "torch":
        pytest.importorskip("torch")
    form = formats.lookup(name)
    patterns = np.arange(2 ** min(form.bits, 16), dtype=np.uint64) << np.uint64(max(0, form.bits - 16))
    x = patterns.astype(form.unsigned).view(form.dtype).reshape(-1, 16)
    identity = Implementation("identity", {"softmax": lambda x: x}, (name,), arrays, batched=True)
    with InProcessExecutor(identity) as executor:
        reply = executor.run(asking(x))
    (result,) = reply.results
    assert result.format == name
    assert bytes(result.data) == x.tobytes()


def buffered(x, buffer):
    return Array.of(x, buffer.view(np.uint8).reshape(-1))


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_views_keep_their_strides_and_surroundings(isolation):
    buffer = np.arange(48, dtype=np.float32)
    room = buffer.reshape(6, 8)
    views = {"sliced": room[1:5:2, 2:5], "transposed": room[:3, :2].T, "reversed": room[::-1, ::-1][:2, :3]}
    subject = one(lambda x: np.array([[x.strides[0], x.strides[1], x.sum()]]))
    with open_executor(subject, isolation) as executor:
        for x in views.values():
            reply = executor.run(Request(operation="softmax", format="float32", arrays=(buffered(x, buffer),)))
            assert to_numpy(reply.results[0]).tolist() == [[*x.strides, x.sum()]]


def test_torch_refuses_what_it_cannot_express():
    pytest.importorskip("torch")
    buffer = np.arange(12, dtype=np.float32)
    reversed_rows = buffer.reshape(3, 4)[:, ::-1]
    with InProcessExecutor(one(lambda x: x * 1, arrays="torch")) as executor:
        fault = executor.run(
            Request(operation="softmax", format="float32", arrays=(buffered(reversed_rows, buffer),))
        ).fault
        assert fault.kind == "unsupported"
        assert fault.message == "torch has no negative strides"
        kept = executor.run(
            Request(operation="softmax", format="float32", arrays=(buffered(buffer.reshape(3, 4)[:, 1:3], buffer),))
        )
        assert to_numpy(kept.results[0]).tolist() == [[1, 2], [5, 6], [9, 10]]


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_a_changed_input_is_seen_with_its_new_bytes(isolation):
    def in_place(x):
        x -= 1
        return x

    x = np.array([[1, 2], [3, 4]], np.float32)
    with open_executor(one(in_place), isolation) as executor:
        reply = executor.run(asking(x))
        assert np.frombuffer(reply.after[0], np.float32).tolist() == [0, 1, 2, 3]
        assert x.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_a_write_beside_the_view_is_seen(isolation):
    def strays(x):
        np.lib.stride_tricks.as_strided(x, (1, 4), writeable=True)[0, 3] = 7
        return x * 1

    buffer = np.zeros(4, np.float32)
    with open_executor(one(strays), isolation) as executor:
        reply = executor.run(
            Request(operation="softmax", format="float32", arrays=(buffered(buffer.reshape(1, 4)[:, :3], buffer),))
        )
        assert np.frombuffer(reply.after[0], np.float32).tolist() == [0, 0, 0, 7]


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_a_read_only_array_stays_read_only(isolation):
    def in_place(x):
        x -= 1
        return x

    x = np.ones((1, 2), np.float32)
    array = Array(data=x.tobytes(), format="float32", shape=x.shape, strides=x.strides, writeable=False)
    with open_executor(one(in_place), isolation) as executor:
        fault = executor.run(Request(operation="softmax", format="float32", arrays=(array,))).fault
        assert fault.kind == "exception"
        assert "read-only" in fault.message


def test_memory_that_is_never_written_holds_nan():
    subject = one(lambda x: np.empty_like(x))
    with ProcessExecutor(subject) as executor:
        reply = executor.run(asking(np.zeros((300, 300), np.float32)))
        assert np.isnan(to_numpy(reply.results[0])).any()


def test_a_function_of_one_row_is_mapped():
    def softmax(x):
        assert x.ndim == 1
        e = np.exp(x - x.max())
        return e / e.sum()

    def cross_entropy(x, label):
        return float(np.log(np.exp(x - x.max()).sum()) + x.max() - x[label])

    subject = Implementation("rows", {"softmax": softmax, "cross_entropy": cross_entropy}, batched=False)
    x = np.array([[0, 0], [0, 1]], np.float32)
    with InProcessExecutor(subject) as executor:
        p = to_numpy(executor.run(asking(x)).results[0])
        assert p.shape == (2, 2)
        assert p[0].tolist() == [0.5, 0.5]
        (loss,) = executor.run(asking(x, np.array([0, 1]), operation="cross_entropy")).results
        assert (loss.format, loss.shape) == ("python-float", (2,))
        (none,) = executor.run(asking(np.zeros((0, 2), np.float32))).results
        assert none.shape == (0, 2)


def test_an_operation_that_is_not_there_is_unsupported_and_a_usage_error_of_the_subject_is_an_exception():
    def softmax(x):
        raise UsageError("the subject's own")

    with InProcessExecutor(one(softmax)) as executor:
        missing = executor.run(asking(np.zeros((1, 2), np.float32), operation="logsumexp")).fault
        assert (missing.kind, missing.message) == ("unsupported", "subject has no logsumexp")
        own = executor.run(asking(np.zeros((1, 2), np.float32))).fault
        assert (own.kind, own.message) == ("exception", "UsageError: the subject's own")


def test_a_missing_library_is_one_sentence():
    with InProcessExecutor(one(lambda x: x, arrays="mlx")) as executor:
        fault = executor.run(asking(np.zeros((1, 2), np.float32))).fault
    if fault is None:
        pytest.skip("MLX is installed here")
    assert fault.kind == "unavailable"
    assert fault.message == "the array library mlx.core is not installed; install it with: pip install mlx"


def test_the_worker_never_loads_the_truth_nor_anything_heavy():
    def softmax(x):
        import sys

        heavy = (
            "softcert_oracle.reference.truth",
            "softcert_oracle.reference.arb",
            "sympy",
            "mpmath",
            "flint",
            "hypothesis",
            "numba",
            "torch",
            "jinja2",
        )
        raise RuntimeError(sorted(m for m in heavy if m in sys.modules))

    with ProcessExecutor(softmax, KEYWORDS) as executor:
        fault = executor.run(asking(np.zeros((1, 2), np.float32))).fault
    assert fault.message == "RuntimeError: []"


def test_closures_travel_by_value():
    shift = np.float32(3)

    def softmax(x):
        return x + shift

    with open_executor(describe(softmax, arrays="numpy")) as executor:
        assert to_numpy(executor.run(asking(np.zeros((1, 2), np.float32))).results[0]).tolist() == [[3, 3]]


def test_what_cannot_travel_is_refused_with_advice():
    lock = threading.Lock()
    with pytest.raises(UsageError, match="isolation='none'"):
        describe(lambda x: lock and x, op="softmax")


def test_a_users_file_is_never_imported_by_the_harness(tmp_path):
    (tmp_path / "mine_alone.py").write_text(
        "import os\nPARENT = os.getppid()\n\ndef softmax(x):\n    return x * 0 + (os.getpid() % 1000)\n"
    )
    subject = describe(f"{tmp_path}/mine_alone.py:softmax")
    assert list(subject.ops) == ["softmax"]
    assert subject.arrays == "numpy"
    assert subject.dtypes == ("float32", "float64")
    assert "operation softmax, from the name 'softmax'" in subject.inferred
    assert "mine_alone" not in sys.modules
    with pytest.raises(UsageError, match="runs in a process of its own"):
        subject.ops["softmax"](np.zeros((1, 2)))
    with open_executor(subject) as executor:
        assert executor.run(asking(np.zeros((1, 2), np.float32))).fault is None
    assert "mine_alone" not in sys.modules


def test_a_script_needs_no_main_guard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import numpy as np\n"
        "from softcert.executors import describe, open_executor\n"
        "from softcert.executors.protocol import Array, Request, to_numpy\n"
        "print('once')\n"
        "factor = 2\n"
        "def softmax(x):\n"
        "    return x * factor\n"
        "with open_executor(describe(softmax)) as executor:\n"
        "    x = Array.of(np.ones((1, 2), np.float32))\n"
        "    asked = Request(operation='softmax', format='float32', arrays=(x,))\n"
        "    reply = executor.run(asked)\n"
        "    print(to_numpy(reply.results[0]).tolist())\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout == "once\n[[2.0, 2.0]]\n"


def test_arenas_grow_and_serve_on():
    with ProcessExecutor(one(lambda x: x * 2), KEYWORDS | {"dtypes": ("float32", "float64")}) as executor:
        for rows in (1, 3000, 2, 40000):
            x = np.arange(rows * 8, dtype=np.float64).reshape(rows, 8)
            assert np.array_equal(to_numpy(executor.run(asking(x)).results[0]), x * 2)


def test_closing_twice_is_harmless_and_running_afterwards_is_not():
    for executor in (InProcessExecutor(one(lambda x: x)), ProcessExecutor("naive")):
        executor.close()
        executor.close()
        with pytest.raises(ValueError, match="closed"):
            executor.run(asking(np.zeros((1, 2), np.float32)))


def test_an_unknown_isolation_names_the_known_ones():
    with pytest.raises(UsageError, match="Accepted: process, none"):
        open_executor(entry_points.load("naive"), "docker")


def test_torch_halves_go_through_the_worker():
    pytest.importorskip("torch")
    x = np.array([[0, 1, 2]], ml_dtypes.bfloat16)
    with ProcessExecutor("torch_functional") as executor:
        (p,) = executor.run(asking(x)).results
        (g,) = executor.run(asking(x, np.array([2]), operation="cross_entropy_grad")).results
    assert (p.format, g.format) == ("bfloat16", "bfloat16")
    assert abs(float(to_numpy(p).astype(float).sum()) - 1) <= 3 * 2.0**-9  # three roundings to nearest below 1
    assert float(to_numpy(g)[0, 2]) < 0
