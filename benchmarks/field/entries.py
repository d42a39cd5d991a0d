"""The libraries of the field: what each offers, the contract that its documentation supports, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_GLUE = "benchmarks/field/glue"
_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One library under one setting.

    Attributes
    ----------
    key, title : str
        The name of its files, and the name that readers see.
    distributions : tuple of str
        What is installed for it; the first one's version is the library's.
    spec, arrays : str
        What `softcert certify` is given.
    formats : tuple of str
        The formats that the library computes in and that softcert can hand over.
    programs : tuple of str
        Programs that the library calls and that must be there: without one it is "not run".
    environment : mapping
        Variables of the process.
    contract : mapping
        Fields of the contract that differ from the default, by format ("" for all).
    reasons : tuple of str
        A sentence for each field of the contract: the documented choice that it stands for.
    """

    key: str
    title: str
    distributions: tuple[str, ...]
    spec: str
    arrays: str = "numpy"
    formats: tuple[str, ...] = ("float32",)
    programs: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    contract: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    def claims(self, format: str) -> dict[str, Any]:
        """The contract's fields in one format."""
        return {**self.contract.get("", {}), **self.contract.get(format, {})}

    def source(self) -> bytes:
        """The glue; a registered name has none here."""
        path = _HERE.parents[1] / self.spec
        return path.read_bytes() if path.is_file() else self.spec.encode()


def _numpy(name: str) -> str:
    return f"{_GLUE}/through_numpy/{name}.py"


def _own(name: str) -> str:
    return f"{_GLUE}/own_arrays/{name}.py"


_NATIVE = {"float16": {"working_precision": "float16"}}
_NATIVE_REASON = "float16: computes in the format of its argument, as NumPy's functions do (working_precision)"
_FEW = {"max_rows": 4, "max_classes": 32}
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}

ENTRIES = (
    Entry(
        key="numpy",
        title="NumPy formulas",
        distributions=("numpy",),
        spec=_numpy("numpy_formulas"),
        formats=("float32", "float64", "float16"),
        contract=_NATIVE,
        reasons=(_NATIVE_REASON,),
    ),
    Entry(
        key="scipy",
        title="SciPy",
        distributions=("scipy",),
        spec=_numpy("scipy_special"),
        formats=("float32", "float64", "float16"),
        contract=_NATIVE,
        reasons=(_NATIVE_REASON,),
    ),
    Entry(
        key="torch",
        title="torch (eager)",
        distributions=("torch",),
        spec="torch_functional",
        arrays="",
        formats=("float32", "float64", "float16", "bfloat16"),
        reasons=(
            "the contract of the bundled torch_functional: half sums are kept in half (sum_format, saved_format)",
        ),
    ),
    Entry(
        key="torch-compile",
        title="torch.compile",
        distributions=("torch",),
        spec=_own("torch_compiled"),
        arrays="torch",
        programs=("g++",),
    ),
    Entry(
        key="jax",
        title="JAX",
        distributions=("jax", "jaxlib"),
        spec=_own("jax_nn"),
        arrays="jax",
        formats=("float32", "float16", "bfloat16"),
        reasons=("subnormal numbers may become zero (flush_subnormals, softcert's default for JAX)",),
    ),
    Entry(
        key="optax",
        title="optax",
        distributions=("optax", "jax"),
        spec=_own("optax_losses"),
        arrays="jax",
        formats=("float32", "float16", "bfloat16"),
        reasons=("subnormal numbers may become zero (flush_subnormals, softcert's default for JAX)",),
    ),
    Entry(
        key="tensorflow",
        title="TensorFlow (oneDNN on)",
        distributions=("tensorflow-cpu",),
        spec=_own("tensorflow_nn"),
        arrays="tensorflow",
        formats=("float32", "float16", "bfloat16"),
        environment={"TF_ENABLE_ONEDNN_OPTS": "1", **_QUIET},
        reasons=("subnormal numbers may become zero (flush_subnormals, softcert's default for TensorFlow)",),
    ),
    Entry(
        key="tensorflow-plain",
        title="TensorFlow (oneDNN off)",
        distributions=("tensorflow-cpu",),
        spec=_own("tensorflow_nn"),
        arrays="tensorflow",
        environment={"TF_ENABLE_ONEDNN_OPTS": "0", **_QUIET},
        reasons=("subnormal numbers may become zero (flush_subnormals, softcert's default for TensorFlow)",),
    ),
    Entry(
        key="keras",
        title="Keras on TensorFlow",
        distributions=("keras", "tensorflow-cpu"),
        spec=_own("keras_ops"),
        arrays="tensorflow",
        environment={"KERAS_BACKEND": "tensorflow", **_QUIET},
        reasons=("subnormal numbers may become zero (flush_subnormals, softcert's default for TensorFlow)",),
    ),
    Entry(
        key="onnxruntime",
        title="ONNX Runtime",
        distributions=("onnxruntime", "onnx"),
        spec=_numpy("onnx_runtime"),
        formats=("float32", "float64"),
    ),
    Entry(
        key="onnx",
        title="ONNX reference evaluator",
        distributions=("onnx",),
        spec=_numpy("onnx_reference"),
        formats=("float32", "float16"),
        contract=_NATIVE,
        reasons=(_NATIVE_REASON,),
    ),
    Entry(
        key="openvino",
        title="OpenVINO",
        distributions=("openvino",),
        spec=_numpy("openvino_runtime"),
    ),
    Entry(
        key="mlx",
        title="MLX on the CPU",
        distributions=("mlx",),
        spec=_own("mlx_core"),
        arrays="mlx",
        formats=("float32", "float16", "bfloat16"),
        contract={**_NATIVE, "bfloat16": {"working_precision": "bfloat16"}},
        reasons=(
            "subnormal numbers may become zero (flush_subnormals, softcert's default for MLX)",
            "float16 and bfloat16: computes in the format of its argument; softmax documents precise=False as its "
            "default (working_precision)",
        ),
    ),
    Entry(key="paddle", title="PaddlePaddle", distributions=("paddlepaddle",), spec=_numpy("paddle_functional")),
    Entry(
        key="tinygrad",
        title="tinygrad on the CPU",
        distributions=("tinygrad",),
        spec=_numpy("tinygrad_tensor"),
        programs=("clang",),
        environment={"DEV": "CPU", "CPU": "1"},
        contract={"": _FEW},
        reasons=("each shape is compiled: at most 4 rows and 32 classes (max_rows, max_classes)",),
    ),
    Entry(
        key="autograd",
        title="autograd",
        distributions=("autograd",),
        spec=_numpy("autograd_numpy"),
        formats=("float32", "float64"),
        contract={"": {"algorithm": {"cross_entropy": "lse-x"}}},
        reasons=("offers no cross-entropy: ours is its log-sum-exp less the label's logit (algorithm lse-x)",),
    ),
    Entry(
        key="scikit-learn",
        title="scikit-learn",
        distributions=("scikit-learn",),
        spec=_numpy("sklearn_extmath"),
        formats=("float32", "float64"),
    ),
    Entry(
        key="xgboost",
        title="xgboost",
        distributions=("xgboost",),
        spec=_numpy("xgboost_objective"),
        contract={"": {"min_classes": 2, "max_classes": 256, "max_rows": 256}},
        reasons=("a booster is made for each call: 2 to 256 classes, at most 256 rows (domain)",),
    ),
    Entry(
        key="array-api-strict",
        title="array-api-strict formulas",
        distributions=("array-api-strict",),
        spec=_own("array_api_formulas"),
        arrays="array_api:array_api_strict",
        formats=("float32", "float64"),
    ),
    Entry(
        key="liger",
        title="Liger kernels (interpreted)",
        distributions=("liger-kernel", "triton"),
        spec=_own("liger_kernels"),
        arrays="torch",
        environment={"TRITON_INTERPRET": "1"},
        contract={"": {"max_rows": 4, "max_classes": 64}},
        reasons=("the interpreter is slow: at most 4 rows and 64 classes (domain)",),
    ),
)
"""In the order of the page."""

PHASES = ("float32", "float64", "float16", "bfloat16")
"""Formats in the order in which they are run: every library's float32 first."""
