"""From what a user gives to an Implementation: every kind of subject, what is inferred, and what is refused."""

import functools

import numpy as np
import pytest

from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.resolve import resolve
from softcert_implementations.resolving.trials.trial_calls import attempt_batch
from softcert_oracle.errors import UsageError

NUMPY = """
import numpy as np

def softmax(x, axis=None):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)

def lse_of_one_row(x):
    m = x.max()
    return m + np.log(np.exp(x - m).sum())

def loss(labels, logits):
    return -np.log(softmax(logits, -1))[np.arange(len(labels)), labels].mean()

class Everything:
    def softmax(self, x):
        return softmax(x, -1)
    def cross_entropy(self, x, labels):
        return loss(labels, x)

class Nested:
    inner = Everything()
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "users_own.py"
    path.write_text(NUMPY)
    return path


def test_a_function_in_a_file_needs_no_declaration(file):
    subject = resolve(f"{file}:softmax")
    assert list(subject.ops) == ["softmax"]
    assert (subject.arrays, subject.dtypes, subject.batched) == ("numpy", ("float32", "float64"), True)
    assert "softmax is called with axis=-1" in subject.inferred
    assert "arrays of numpy: its code uses numpy" in subject.inferred
    x = np.array([[0, 0], [5, 5]], np.float32)
    assert subject.ops["softmax"](x).tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_what_is_said_wins_over_what_is_found(file):
    subject = resolve(
        f"{file}:softmax", op="log_softmax", dtypes="float16", batched=True, name="other", contract={"exp_ulp": 1}
    )
    assert list(subject.ops) == ["log_softmax"]
    assert (subject.dtypes, subject.name) == (("float16",), "other")
    assert subject.contract.terms("log_softmax", "float16").exp_ulp == 1


def test_a_function_of_one_row_is_found_out(file):
    subject = resolve(f"{file}:lse_of_one_row")
    assert subject.batched is False
    assert "a function of one row: mapped over the rows" in subject.inferred


def test_a_softmax_over_the_whole_array_is_not_excused_as_one_of_a_row():
    def softmax(x):
        e = np.exp(x - x.max())
        return e / e.sum()

    assert resolve(softmax).batched is True


def test_a_function_of_batches_is_never_tried_on_one_row():
    seen = []

    def softmax(x):
        seen.append(x.ndim)
        return x * 1

    assert resolve(softmax).batched is True
    assert set(seen) == {2}


def test_labels_may_come_first(file):
    subject = resolve(f"{file}:loss", op="cross_entropy")
    assert "cross_entropy is called with order=labels first: the names of its parameters say so" in subject.inferred
    assert attempt_batch(subject, "cross_entropy", "float64").right


def test_classes_objects_and_modules_give_all_their_operations(file):
    for spec in (f"{file}:Everything", f"{file}:Nested.inner"):
        assert list(resolve(spec).ops) == ["softmax", "cross_entropy"]
    assert list(resolve(str(file), op="softmax").ops) == ["softmax"]
    assert list(resolve("scipy.special").ops) == ["softmax", "log_softmax", "logsumexp"]


def test_partials_and_lambdas_resolve():
    def softmax(x, axis):
        e = np.exp(x)
        return e / e.sum(axis=axis, keepdims=True)

    assert list(resolve(functools.partial(softmax, axis=-1)).ops) == ["softmax"]
    assert list(resolve(lambda x: x, op="softmax").ops) == ["softmax"]


def test_a_jitted_function_resolves():
    numba = pytest.importorskip("numba")

    @numba.njit(cache=False)
    def logsumexp(x):
        return np.log(np.exp(x).sum(axis=-1))

    subject = resolve(logsumexp, dtypes="float32")
    assert subject.arrays == "numpy"
    assert subject.batched is True


def test_a_loss_that_declares_its_reduction_is_believed():
    def cross_entropy(x, labels, reduction="sum"):
        return -np.log(np.exp(x))[np.arange(len(labels)), labels].sum()

    subject = resolve(cross_entropy)
    assert subject.contract.terms("cross_entropy", "float32").reduction == "sum"
    assert "reduction 'sum', as the loss itself says" in subject.inferred


def test_a_format_that_the_subject_refuses_is_left_out_and_said():
    def softmax(x):
        if x.dtype != np.float32:
            raise TypeError("only float32")
        return x * 1

    subject = resolve(softmax)
    assert subject.dtypes == ("float32",)
    assert "format float64 is left out: TypeError: only float32" in subject.inferred


def test_a_subject_that_always_raises_is_wrong_use_with_all_that_is_known():
    def softmax(x, temperature):
        raise SystemExit(3)

    with pytest.raises(UsageError) as told:
        resolve(softmax)
    for part in (
        "no trial call of softmax succeeded",
        "softmax(x, temperature) was called as softmax with x (2, 3) in float32, arrays of numpy",
        "TypeError",
        "--call labels=one-hot",
        "--arrays",
        "wrap it",
    ):
        assert part in str(told.value)


def test_it_is_still_a_subject_where_the_form_of_its_calls_is_said():
    def softmax(x):
        raise SystemExit(3)

    subject = resolve(softmax, call="plain")
    assert subject.dtypes == ("float32", "float64")
    assert "arrays of numpy: the default; no trial call succeeded" in subject.inferred


def test_operations_can_be_kept_and_given_by_mapping():
    assert list(resolve("naive", ops=["softmax", "logsumexp"]).ops) == ["softmax", "logsumexp"]
    assert list(resolve({"softmax": lambda x: x, "lse": lambda x: x.sum(-1)}).ops) == ["softmax", "logsumexp"]


def test_an_operation_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match="op=log_softmax: only has softmax"):
        resolve(Implementation("only", {"softmax": lambda x: x}), op="log_softmax")
    with pytest.raises(UsageError, match="unknown operation"):
        resolve("naive", op="softmux")


def test_torch_subjects_of_every_kind_resolve():
    torch = pytest.importorskip("torch")

    class Softmax(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return torch.softmax(x, -1)

    def tensors_only(x: "torch.Tensor"):
        return x.exp()

    kinds = {
        "torch:softmax": ["softmax"],
        "torch:logsumexp": ["logsumexp"],
        "torch.nn.functional": ["softmax", "log_softmax", "cross_entropy", "cross_entropy_grad", "cross_entropy_hvp"],
        "torch.nn:CrossEntropyLoss": ["cross_entropy", "cross_entropy_grad", "cross_entropy_hvp"],
        "torch.nn:LogSoftmax": ["log_softmax"],
    }
    for spec, operations in kinds.items():
        subject = resolve(spec)
        assert (list(subject.ops), subject.arrays) == (operations, "torch"), spec
    assert list(resolve(Softmax).ops) == ["softmax"]
    assert list(resolve(torch.nn.Softmax(dim=-1)).ops) == ["softmax"]
    summed = resolve(torch.nn.CrossEntropyLoss(reduction="sum"))
    assert summed.contract.terms("cross_entropy", "float32").reduction == "sum"
    assert resolve(tensors_only, op="softmax").arrays == "torch"
    assert "softmax is called with dim=-1" in resolve("torch:softmax").inferred


def test_claims_that_are_given_win_over_those_of_an_implementation():
    subject = Implementation("own", {"softmax": lambda x: x}, exp_ulp=1, log_ulp=1)
    terms = resolve(subject, contract={"exp_ulp": 3}, dtypes="float16").contract.terms("softmax", "float16")
    assert (terms.exp_ulp, terms.log_ulp) == (3, 1)


def test_a_library_that_flushes_subnormals_does_so_forwards_too_where_its_gradient_is_derived(monkeypatch):
    from dataclasses import replace

    torch = pytest.importorskip("torch")
    from softcert_implementations.adapters import adapter
    from softcert_implementations.resolving import resolve as module

    monkeypatch.setattr(module, "adapter", lambda name: replace(adapter(name), flush_subnormals=True))
    subject = resolve(torch.nn.functional.cross_entropy, arrays="torch", dtypes="float32")
    assert "cross_entropy_grad" in subject.ops
    for operation in subject.ops:
        assert subject.contract.terms(operation, "float32").flush_subnormals is True


def test_a_loss_that_gives_each_row_its_own_is_not_taken_for_the_mean():
    """As TensorFlow's and optax's losses do; what the user says of the reduction stays."""

    def cross_entropy(x, labels):
        rows = np.arange(len(labels))
        return np.log(np.exp(x).sum(axis=-1)) - x[rows, labels]

    subject = resolve(cross_entropy)
    assert subject.contract.terms("cross_entropy", "float32").reduction == "none"
    assert "reduction 'none': a trial of two rows gave two losses" in subject.inferred
    claimed = resolve(cross_entropy, contract={"reduction": "mean"})
    assert claimed.contract.terms("cross_entropy", "float32").reduction == "mean"
    declared = resolve(Implementation("mine", {"cross_entropy": cross_entropy}, ("float32",)))
    assert declared.contract.terms("cross_entropy", "float32").reduction == "mean"


def test_a_library_that_flushes_subnormals_says_so_in_the_contract(monkeypatch):
    from dataclasses import replace

    from softcert_implementations.adapters import adapter
    from softcert_implementations.resolving import resolve as module

    monkeypatch.setattr(module, "adapter", lambda name: replace(adapter(name), flush_subnormals=True))
    subject = resolve(lambda x: x * 1, op="softmax", arrays="numpy")
    assert subject.contract.terms("softmax", "float32").flush_subnormals is True
    assert "flush_subnormals=True: numpy flushes subnormal numbers to zero" in subject.inferred
    claimed = resolve(lambda x: x * 1, op="softmax", arrays="numpy", contract={"flush_subnormals": False})
    assert claimed.contract.terms("softmax", "float32").flush_subnormals is False


def test_hints_count_in_the_order_of_the_operations():
    pytest.importorskip("torch")

    def first(x):
        import torch

        raise ValueError(torch)

    def second(x):
        import jax

        raise ValueError(jax)

    subject = resolve({"softmax": first, "logsumexp": second}, call="plain")
    assert subject.inferred == ("arrays of torch: its code uses torch; no trial call succeeded",)


def test_a_library_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match="arrays='array_api:not_there': the array library not_there is not installed"):
        resolve(lambda x: x, op="softmax", arrays="array_api:not_there")
