"""What the harness differentiates itself: first and second derivatives of a torch loss, with upstream gradients."""

from __future__ import annotations

import pytest

from softcert import certify
from softcert_implementations.resolving.resolve import resolve

torch = pytest.importorskip("torch")
functional = torch.nn.functional
DERIVED = ("cross_entropy_grad", "cross_entropy_hvp")


class _Backward(torch.autograd.Function):
    """A hand-written backward pass from saved probabilities: right, but not to be differentiated again."""

    @staticmethod
    def forward(ctx, x, labels):
        ctx.save_for_backward(torch.softmax(x, -1), labels)
        return functional.cross_entropy(x, labels)

    @staticmethod
    def backward(ctx, upstream):
        p, labels = ctx.saved_tensors
        return upstream * (p - functional.one_hot(labels, p.shape[-1])) / len(p), None


class _IgnoresUpstream(_Backward):
    @staticmethod
    def backward(ctx, upstream):
        p, labels = ctx.saved_tensors
        return (p - functional.one_hot(labels, p.shape[-1])) / len(p), None


class _FromLogits(torch.autograd.Function):
    """The forward pass of losses whose backward pass starts from the logits again."""

    @staticmethod
    def forward(ctx, x, labels):
        ctx.save_for_backward(x, labels)
        return functional.cross_entropy(x, labels)


class _DetachesSum(_FromLogits):
    """The gradient is right; differentiated again, the sum of exponentials is taken for a constant."""

    @staticmethod
    def backward(ctx, upstream):
        x, labels = ctx.saved_tensors
        e = (x - x.amax(-1, keepdim=True).detach()).exp()
        p = e / e.sum(-1, keepdim=True).detach()
        return upstream * (p - functional.one_hot(labels, p.shape[-1])) / len(p), None


class _Gradient(torch.autograd.Function):
    """The gradient of a mean loss times its upstream gradient; its own backward pass ignores the latter."""

    @staticmethod
    def forward(ctx, x, labels, upstream):
        p = torch.softmax(x, -1)
        ctx.save_for_backward(p)
        return upstream * (p - functional.one_hot(labels, p.shape[-1])) / len(p)

    @staticmethod
    def backward(ctx, vector):
        (p,) = ctx.saved_tensors
        return p * (vector - (p * vector).sum(-1, keepdim=True)) / len(p), None, None


class _IgnoresUpstreamTwice(_FromLogits):
    @staticmethod
    def backward(ctx, upstream):
        return _Gradient.apply(*ctx.saved_tensors, upstream), None


SMALL = {"max_classes": 128, "max_rows": 100}
"""A domain that keeps every rule of upstream gradients, and takes a fifth of the time."""


def certified(loss, contract=SMALL, **how):
    return certify(loss, op="cross_entropy", arrays="torch", effort="quick", isolation="none", contract=contract, **how)


@pytest.mark.slow  # certifies a loss with both of its derivatives
@pytest.mark.parametrize(("reduction", "format"), [("mean", "float64"), ("none", "float32")])
def test_first_and_second_derivatives_of_a_right_loss_are_certified(reduction, format):
    def loss(x, labels):
        return functional.cross_entropy(x, labels, reduction=reduction)

    found = certified(loss, contract={**SMALL, "reduction": reduction}, dtypes=format, ops=DERIVED)
    assert found.certified, found.summary()
    assert set(found.levels) == set(DERIVED)


@pytest.mark.slow  # certifies a loss with both of its derivatives
def test_second_derivatives_in_half_precision_are_judged_in_that_precision():
    def loss(x, labels):
        shifted = x - x.amax(-1, keepdim=True)
        rest = shifted.exp().sum(-1, keepdim=True).log()
        return (rest - shifted.gather(-1, labels[:, None])).mean()

    # Its second derivative sums e^x times the upstream gradient before it divides: with more classes it overflows.
    subject = resolve(loss, op="cross_entropy", arrays="torch", dtypes="float16,bfloat16", contract=SMALL)
    assert subject.contract.terms("cross_entropy_hvp", "float16").working_precision == "float16"
    assert subject.contract.terms("cross_entropy_grad", "float16").working_precision == "float32"
    found = certify(subject, ops=("cross_entropy_hvp",), effort="quick", isolation="none")
    assert found.certified, found.summary()


def test_a_backward_pass_that_ignores_its_upstream_gradient_is_found_and_named():
    found = certified(_IgnoresUpstream.apply, dtypes="float32", ops=DERIVED[:1])
    assert {f.operation for f in found.findings} == {"cross_entropy_grad"}
    assert found.findings[0].diagnosis.family == "upstream gradient misused"


def test_a_backward_pass_that_is_not_to_be_differentiated_is_no_defect():
    found = certified(_Backward.apply, dtypes="float32", ops=DERIVED[:1])
    assert found.certified
    subject = resolve(_Backward.apply, op="cross_entropy", arrays="torch")
    assert list(subject.ops) == ["cross_entropy", "cross_entropy_grad"]
    assert any("cannot differentiate cross_entropy twice" in note for note in subject.inferred)


@pytest.mark.slow  # certifies a loss with both of its derivatives
def test_a_second_derivative_that_takes_a_part_for_a_constant_is_found_and_named():
    found = certified(_DetachesSum.apply, dtypes="float32", ops=DERIVED)
    assert {f.operation for f in found.findings} == {"cross_entropy_hvp"}
    assert found.findings[0].diagnosis.family == "second derivative lost"


def test_the_option_that_the_harness_claims_joins_those_that_were_given():
    subject = resolve(
        functional.cross_entropy, op="cross_entropy", arrays="torch", dtypes="float32,float16",
        contract={"options": ("weight",), "working_precision": "float32"},
    )  # fmt: skip
    assert subject.contract.terms("cross_entropy_grad", "float32").options == ("weight", "upstream")
    assert subject.contract.terms("cross_entropy", "float32").options == ("weight",)
    assert subject.contract.terms("cross_entropy_hvp", "float16").working_precision == "float16"


@pytest.mark.slow  # certifies a loss with both of its derivatives
def test_a_second_derivative_that_ignores_the_upstream_gradient_of_the_first_is_found():
    found = certified(_IgnoresUpstreamTwice.apply, dtypes="float32", ops=DERIVED)
    assert {f.operation for f in found.findings} == {"cross_entropy_hvp"}
