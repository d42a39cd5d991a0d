"""torch with options: what is composed here beside torch's own arguments, by hand on small rows."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from softcert_implementations.bundled import torch_options as subject  # noqa: E402 (needs torch)
from softcert_oracle import operations  # noqa: E402

X = torch.tensor([[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]], dtype=torch.float64)
LABELS = torch.tensor([2, 1])
LSE = np.log(np.exp(X.numpy()).sum(axis=1))
LOSSES = LSE - X.numpy()[[0, 1], [2, 1]]


def test_every_option_of_the_table_is_claimed():
    assert subject.IMPLEMENTATION.contract.terms("softmax", "float32").options == tuple(operations.OPTIONS)
    assert len(subject.IMPLEMENTATION.ops) == 9


def test_axis_temperature_mask_and_soft_cap_shape_the_logits():
    assert torch.equal(subject.softmax(X.T, axis=0), torch.softmax(X, -1).T)
    assert torch.equal(subject.log_softmax(X, temperature=2.0), torch.log_softmax(X / 2, -1))
    masked = subject.softmax(X, mask=torch.tensor([[True, False, True], [True, True, True]]))
    assert masked[0, 1] == 0
    assert torch.allclose(masked.sum(-1), torch.ones(2, dtype=torch.float64))
    capped = subject.cross_entropy(X, LABELS, softcap=2.0)
    assert torch.equal(capped, torch.nn.functional.cross_entropy(2 * torch.tanh(X / 2), LABELS))


def test_out_is_written_and_returned():
    out = torch.empty_like(X)
    assert subject.softmax(X, out=out) is out
    assert torch.equal(out, torch.softmax(X, -1))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"reduction": "none"}, LOSSES + 0.1 * LSE**2),
        ({"reduction": "sum"}, (LOSSES + 0.1 * LSE**2).sum()),
        ({}, (LOSSES + 0.1 * LSE**2).mean()),
        ({"ignore_index": 1}, LOSSES[0] + 0.1 * LSE[0] ** 2),
        (
            {"ignore_index": 1, "weight": torch.tensor([1.0, 3.0, 2.0], dtype=torch.float64)},
            LOSSES[0] + 0.1 * LSE[0] ** 2 / 2,
        ),
        (
            {"weight": torch.tensor([1.0, 3.0, 2.0], dtype=torch.float64)},
            (2 * LOSSES[0] + 3 * LOSSES[1] + 0.1 * (LSE**2).sum()) / 5,
        ),
    ],
)
def test_the_z_loss_of_the_kept_rows_is_reduced_as_the_losses_are(options, expected):
    got = subject.cross_entropy(X, LABELS, z_loss=0.1, **options)
    assert got.numpy() == pytest.approx(expected, rel=1e-14)


def test_class_probabilities_take_the_place_of_labels():
    targets = torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    assert subject.cross_entropy(X, targets=targets).item() == pytest.approx(LOSSES.mean(), rel=1e-14)
    assert subject.cross_entropy(X.T, targets=targets.T, axis=0).item() == pytest.approx(LOSSES.mean(), rel=1e-14)


def test_a_large_offset_costs_the_gradient_of_the_z_loss_no_digits():
    shifted = subject.cross_entropy_grad(X.float() + 4096, LABELS, z_loss=0.1)
    lse = LSE + 4096
    p = np.exp(X.numpy() - LSE[:, None])
    p[[0, 1], [2, 1]] -= 1
    wanted = (p + 0.2 * lse[:, None] * np.exp(X.numpy() - LSE[:, None])) / 2
    assert shifted.numpy() == pytest.approx(wanted, rel=1e-5)


def test_gradients_and_products_are_autograds():
    upstream = torch.tensor([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    p = torch.softmax(X, -1)
    wanted = p * (upstream - (p * upstream).sum(-1, keepdim=True))
    assert torch.allclose(subject.softmax_vjp(X, upstream), wanted, rtol=1e-14)
    wanted = upstream - p * upstream.sum(-1, keepdim=True)
    assert torch.allclose(subject.log_softmax_vjp(X, upstream), wanted, rtol=1e-14)
    one_hot = torch.nn.functional.one_hot(LABELS, 3)
    scaled = subject.cross_entropy_grad(X, LABELS, upstream=torch.tensor(3.0, dtype=torch.float64))
    assert torch.allclose(scaled, 3 * (p - one_hot) / 2, rtol=1e-14)
    features, weights, bias = X[:, :2], X[:, 1:].T.contiguous(), torch.zeros(2, dtype=torch.float64)
    labels = torch.tensor([0, 1])
    by_x, by_w, by_b = subject.linear_cross_entropy_grad(features, weights, bias, labels)
    z = torch.nn.functional.linear(features, weights, bias)
    g = (torch.softmax(z, -1) - torch.nn.functional.one_hot(labels, 2)) / 2
    for got, wanted in ((by_x, g @ weights), (by_w, g.T @ features), (by_b, g.sum(0))):
        assert torch.allclose(got, wanted, rtol=1e-13)
