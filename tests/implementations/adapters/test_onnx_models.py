"""Models have the formats of their inputs."""

import pytest

from softcert_implementations.resolving.resolve import resolve
from softcert_implementations.resolving.trials.trial_calls import attempt_batch


@pytest.mark.parametrize(("kind", "format"), [("FLOAT16", "float16"), ("FLOAT", "float32"), ("DOUBLE", "float64")])
def test_a_model_is_judged_in_its_own_format(kind, format, tmp_path):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from onnx import TensorProto, helper

    x, y = (helper.make_tensor_value_info(n, getattr(TensorProto, kind), ["m", "C"]) for n in ("x", "y"))
    node = helper.make_node("Softmax", ["x"], ["y"], axis=-1)
    graph = helper.make_graph([node], "softmax", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(tmp_path / "softmax.onnx"))
    subject = resolve(str(tmp_path / "softmax.onnx"))
    assert subject.dtypes == (format,)
    assert attempt_batch(subject, "softmax", format).right
