"""torch: tensors over the very memory of the request, and what torch cannot express."""

import numpy as np
import pytest

from softcert_implementations.adapters import NotAnArrayError, UnavailableError, UnsupportedError, View, adapter


def test_torch_keeps_strides_offsets_and_the_very_memory():
    pytest.importorskip("torch")
    base = np.arange(24, dtype=np.float32)
    view = View(data=base.view(np.uint8).data, format="float32", shape=(3, 2), strides=(32, 8), offset=4)
    tensor = adapter("torch").argument(view, "cpu").value
    assert tensor.tolist() == [[1, 3], [9, 11], [17, 19]]
    assert tensor.stride() == (8, 2)
    tensor[0, 0] = -1
    assert base[1] == -1


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (View(data=bytearray(16), format="float32", shape=(2,), strides=(-4,), offset=8), "negative strides"),
        (View(data=bytearray(16), format="float32", shape=(2,), strides=(6,), offset=0), "between elements"),
        (View(data=bytearray(16), format="float32", shape=(2,), strides=(4,), offset=2), "between elements"),
        (View(data=bytearray(16), format="float99", shape=(2,), strides=(4,), offset=0), "no format float99"),
    ],
)
def test_torch_says_what_it_cannot_express(view, words):
    pytest.importorskip("torch")
    with pytest.raises(UnsupportedError, match=words):
        adapter("torch").argument(view, "cpu")


def test_torch_without_cuda_says_so():
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    with pytest.raises(UnavailableError, match="no CUDA device"):
        adapter("torch").argument(View.of(np.zeros((1, 2), np.float32)), "cuda")


def test_torch_results_with_history_or_in_odd_layouts_are_read():
    torch = pytest.importorskip("torch")
    x = torch.arange(6.0).reshape(2, 3).requires_grad_(True)
    assert adapter("torch").result(x.T * 1).tolist() == [[0, 3], [1, 4], [2, 5]]
    with pytest.raises(NotAnArrayError, match="sparse"):
        adapter("torch").result(torch.eye(2).to_sparse())


def test_torch_results_in_lazy_or_odd_forms_are_read_by_their_bits():
    torch = pytest.importorskip("torch")
    library = adapter("torch")
    negative = torch.tensor([1.0 - 2.0j]).conj().imag  # a contiguous view that negates when it is read
    assert negative.is_neg()
    assert negative.is_contiguous()
    assert library.result(negative).tolist() == [2]
    assert library.result(torch.empty((0, 3), dtype=torch.bfloat16)).shape == (0, 3)
    assert library.result(torch.tensor(0.1, dtype=torch.bfloat16)).dtype.name == "bfloat16"
    with pytest.raises(NotAnArrayError, match=r"returned numpy\.ndarray, not a torch\.Tensor"):
        library.result(np.zeros(2))
