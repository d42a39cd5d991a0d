"""Every example is plugged in as its own text says, and answers; those whose library is missing are skipped."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from softcert.executors import describe, open_executor
from softcert.executors.protocol import Array, Request, to_numpy
from softcert_oracle import operations

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
X = np.array([[0, 0, 0, 0], [30, 30, -90, -90], [1, 2, 3, 4]], np.float32)
LABELS = np.array([0, 1, 3])
VECTOR = np.array([[1, -2, 0, 0.5], [0, 1, 3, -1], [2, 2, 1, 0]], np.float32)
GIVEN = {"x": X, "labels": LABELS, "upstream": VECTOR}
PLAIN = {  # path, attribute: (array library, operations)
    ("plain_function.py", "softmax"): ("numpy", ["softmax"]),
    ("class_with_methods.py", "Loss"): ("numpy", ["log_softmax", "cross_entropy", "cross_entropy_grad"]),
    ("torch_autograd_function.py", "CrossEntropy"): ("torch", ["cross_entropy", "cross_entropy_grad"]),
    ("jax_softmax.py", ""): ("jax", ["log_softmax", "cross_entropy", "cross_entropy_grad", "cross_entropy_hvp"]),
}


def need(library):
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")


def exact(operation):
    """The operation on `X` in float64: correct to far more than float32's digits."""
    d = X.astype(float) - X.max(axis=1, keepdims=True).astype(float)
    p = np.exp(d) / np.exp(d).sum(axis=1, keepdims=True)
    t = np.eye(4)[LABELS]
    return {
        "softmax": p,
        "log_softmax": d - np.log(np.exp(d).sum(axis=1, keepdims=True)),
        "logsumexp": X.max(axis=1) + np.log(np.exp(d).sum(axis=1)),
        "cross_entropy": -np.log((p * t).sum(axis=1)).mean(),
        "cross_entropy_grad": (p - t) / 3,
        "cross_entropy_hvp": p * (VECTOR - (p * VECTOR).sum(axis=1, keepdims=True)) / 3,
    }[operation]


def assert_right(subject):
    with open_executor(subject) as executor:
        for operation in subject.ops:
            arguments = tuple(Array.of(GIVEN[a.name]) for a in operations.OPERATIONS[operation].arguments)
            reply = executor.run(Request(operation=operation, format="float32", arrays=arguments))
            assert reply.fault is None
            assert not reply.after
            got = to_numpy(reply.results[0]).astype(float)
            truth = exact(operation)
            assert got.shape == truth.shape
            # logits up to 120 apart: each step rounds by u = 2^-24 of at most 128, a dozen steps at most
            assert np.abs(got - truth).max() <= 12 * 2.0**-24 * 128


@pytest.mark.parametrize(("place", "expected"), PLAIN.items(), ids=[p for p, _ in PLAIN])
def test_an_example_is_resolved_by_its_spec_alone_and_is_right(place, expected):
    arrays, names = expected
    if arrays != "numpy":
        need(arrays)
    path, attribute = place
    subject = describe(f"{EXAMPLES / path}:{attribute}" if attribute else str(EXAMPLES / path))
    assert (subject.arrays, list(subject.ops)) == (arrays, names)
    assert "float32" in subject.dtypes
    assert_right(subject)


def test_the_triton_kernel_runs_in_the_interpreter(monkeypatch):
    need("torch")
    need("triton")
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    subject = describe(f"{EXAMPLES}/triton_softmax.py:softmax", dtypes="float32")
    assert subject.arrays == "torch"
    assert_right(subject)


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler here")
def test_the_c_library_is_built_and_right(monkeypatch, tmp_path):
    library = tmp_path / "c_softmax.so"
    source = EXAMPLES / "c_softmax.c"
    subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source, "-lm"], check=True)
    monkeypatch.setenv("C_SOFTMAX", str(library))
    subject = describe(f"{EXAMPLES}/c_library.py:IMPLEMENTATION")
    assert (subject.name, subject.dtypes) == ("c_softmax", ("float32",))
    assert_right(subject)


def test_the_onnx_model_is_built_and_right(tmp_path):
    need("onnx")
    need("onnxruntime")
    model = tmp_path / "model.onnx"
    subprocess.run([sys.executable, str(EXAMPLES / "onnx_model.py"), str(model)], check=True)
    subject = describe(str(model))
    assert (subject.arrays, list(subject.ops), subject.dtypes) == ("onnx", ["softmax"], ("float32",))
    assert_right(subject)


def test_the_other_projects_suite_passes_with_its_known_failures():
    suite = EXAMPLES / "other_project"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--rootdir",
        str(suite),
    ]
    done = subprocess.run(
        [*command, "-o", "addopts=", "-o", "pythonpath=.", "test_kernels.py"],
        cwd=suite, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "xfailed" in done.stdout


def test_every_example_is_tested_here():
    text = (
        Path(__file__).read_text(encoding="utf-8")
        + (Path(__file__).parent / "executors" / "programs" / "test_program.py").read_text()
    )
    for path in EXAMPLES.rglob("*"):
        if path.suffix in (".py", ".c") and path.name != "kernels.py":
            assert path.name in text, f"{path.name} is not run by the tests"
