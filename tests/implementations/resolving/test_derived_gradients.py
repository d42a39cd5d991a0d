"""Derivatives that the array library derives from a loss: when there is one, and what is claimed for it."""

import pytest

from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.derived_gradients import with_gradient
from softcert_implementations.resolving.resolve import resolve


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def with_loss(torch, **more):
    loss = torch.nn.functional.cross_entropy
    return Implementation("loss", {"cross_entropy": loss}, arrays="torch", batched=True, **more)


def test_both_derivatives_are_added_with_a_sentence_each(torch):
    subject = with_gradient(with_loss(torch), "float32")
    assert list(subject.ops) == ["cross_entropy", "cross_entropy_grad", "cross_entropy_hvp"]
    assert subject.inferred == (
        "cross_entropy_grad by torch's differentiation of cross_entropy",
        "cross_entropy_hvp by torch's differentiation of cross_entropy",
    )
    assert subject.contract.terms("cross_entropy_grad", "float32").options == ("upstream",)
    assert subject.contract.terms("cross_entropy", "float32").options == ()


def test_the_second_derivative_is_that_of_the_whole_loss(torch):
    x = torch.tensor([[0.0, 1.0, -1.0]], dtype=torch.float64)
    labels, upstream = torch.tensor([2]), torch.tensor([[1.0, 0.0, 2.0]], dtype=torch.float64)
    got = with_gradient(with_loss(torch), "float64").ops["cross_entropy_hvp"](x, labels, upstream)
    p = torch.softmax(x, -1)
    assert torch.allclose(got, p * (upstream - (p * upstream).sum()), rtol=1e-12)


def test_options_that_were_claimed_are_kept_beside_the_upstream_gradient(torch):
    subject = with_gradient(with_loss(torch, options=("weight",)), "float32")
    assert subject.contract.terms("cross_entropy_grad", "float32").options == ("weight", "upstream")
    assert subject.contract.terms("cross_entropy", "float32").options == ("weight",)


def test_in_narrow_formats_the_second_derivative_rounds_each_step_to_the_format(torch):
    subject = with_gradient(with_loss(torch, dtypes=("float32", "bfloat16")), "float32")
    terms = {o: subject.contract.terms(o, "bfloat16").working_precision for o in subject.ops}
    assert terms == {"cross_entropy": "float32", "cross_entropy_grad": "float32", "cross_entropy_hvp": "bfloat16"}


def test_a_gradient_of_its_own_no_loss_or_no_differentiation_is_left_alone(torch):
    loss = torch.nn.functional.cross_entropy
    own = Implementation("own", {"cross_entropy": loss, "cross_entropy_grad": loss}, arrays="torch", batched=True)
    lossless = Implementation("none", {"softmax": torch.softmax}, arrays="torch", batched=True)
    plain = Implementation("numpy", {"cross_entropy": loss}, arrays="numpy", batched=True)
    for subject in (own, lossless, plain):
        assert with_gradient(subject, "float32") is subject


def test_a_loss_that_cannot_be_differentiated_twice_has_one_derivative(torch):
    from torch.autograd.function import once_differentiable

    class Once(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, labels):
            ctx.save_for_backward(x)
            return x.sum()

        @staticmethod
        @once_differentiable
        def backward(ctx, upstream):
            return upstream * torch.ones_like(ctx.saved_tensors[0]), None

    subject = with_gradient(Implementation("once", {"cross_entropy": Once.apply}, arrays="torch"), "float32")
    assert list(subject.ops) == ["cross_entropy", "cross_entropy_grad"]
    assert subject.inferred[1].startswith("no cross_entropy_hvp: torch cannot differentiate cross_entropy twice")


def test_a_loss_that_cannot_be_differentiated_is_offered_without_gradient(torch):
    def cross_entropy(x, labels):
        return torch.tensor(1.0)

    subject = resolve(cross_entropy)
    assert list(subject.ops) == ["cross_entropy"]
    assert any(text.startswith("no cross_entropy_grad: torch cannot differentiate") for text in subject.inferred)


def test_a_gradient_that_is_constant_has_the_derivative_zero(torch):
    """A loss with a shortcut for one class is right; there its gradient has no graph to differentiate."""

    def shortcut(x, labels):
        return (x * 0).sum() if x.shape[1] == 1 else torch.nn.functional.cross_entropy(x, labels)

    found = with_gradient(Implementation("a", {"cross_entropy": shortcut}, "float32", arrays="torch"), "float32")
    second = found.ops["cross_entropy_hvp"]
    one, two = torch.ones((3, 1)), torch.tensor([[0.0, 1.0]])
    assert second(one, torch.zeros(3, dtype=torch.int64), torch.ones((3, 1))).tolist() == [[0.0]] * 3
    assert second(two, torch.tensor([0]), torch.tensor([[1.0, 0.0]])).abs().max() > 0.1


def test_a_loss_that_is_cut_off_from_its_logits_has_no_gradient(torch):
    """Zeros would say that it is flat."""

    def cut_off(x, labels):
        return torch.nn.functional.cross_entropy(x.detach(), labels)

    found = with_gradient(Implementation("a", {"cross_entropy": cut_off}, "float32", arrays="torch"), "float32")
    assert "cross_entropy_grad" not in found.ops


def test_subnormal_derivatives_may_be_zero_unless_the_contract_says_otherwise(torch):
    """Of logaddexp the chain rule is 1/(1 + e^g), which is 0 where e^g overflows."""

    def loss(x, labels):
        return torch.nn.functional.cross_entropy(x, labels)

    given = Implementation("a", {"cross_entropy": loss}, "float32", arrays="torch")
    terms = with_gradient(given, "float32").contract
    assert terms.terms("cross_entropy_grad", "float32").flush_subnormals
    assert terms.terms("cross_entropy_hvp", "float32").flush_subnormals
    assert not terms.terms("cross_entropy", "float32").flush_subnormals
    strict = Implementation("a", {"cross_entropy": loss}, "float32", arrays="torch", flush_subnormals=False)
    assert not with_gradient(strict, "float32").contract.terms("cross_entropy_grad", "float32").flush_subnormals
