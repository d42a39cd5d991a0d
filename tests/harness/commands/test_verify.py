"""A certificate's rerun and a finding's replay take the subject as it was certified, and judge as the run did."""

from __future__ import annotations

import json
import sys

import pytest

from softcert import cli

KERNEL = """
import numpy as np

def shifted(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

def unshifted(x):
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)

def through_half_precision(x):
    return shifted(x.astype(np.float16)).astype(x.dtype)

def log_softmax(x):
    d = x - x.max(axis=-1, keepdims=True)
    return d - np.log(np.exp(d).sum(axis=-1, keepdims=True))
"""

TORCH = """
import torch

class _Loss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, labels):
        log_p = torch.log_softmax(x, dim=-1)
        ctx.save_for_backward(log_p, labels)
        return -log_p.gather(1, labels[:, None]).mean()

    @staticmethod
    def backward(ctx, upstream):
        log_p, labels = ctx.saved_tensors
        g = log_p.exp()
        g.scatter_add_(1, labels[:, None], torch.full_like(labels[:, None], -1, dtype=g.dtype))
        return g * upstream, None  # not divided by the number of rows

def my_loss(x, labels):
    return _Loss.apply(x, labels)
"""

SMALL = "max_classes = 4\nmax_rows = 4\n"

pytestmark = pytest.mark.slow  # whole certifications, one after the other


@pytest.fixture
def softcert(tmp_path, monkeypatch, capsys):
    """The command line in a folder with the kernels: exit code and everything that it prints."""
    monkeypatch.chdir(tmp_path)
    for name in ("CI", "GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "kernel.py").write_text(KERNEL, encoding="utf-8")
    (tmp_path / "loss.py").write_text(TORCH, encoding="utf-8")
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")

    def call(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["softcert", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out + captured.err

    return call


def certify(softcert, *arguments: str, contract: str = "small.toml") -> tuple[int, list[dict]]:
    code, told = softcert(
        "certify", *arguments, "--dtype", "float32", "--effort", "quick", "--contract", contract,
        "--results", "results.json", "--certificate", "certificate.json",
    )  # fmt: skip
    assert code in (0, 1), told
    with open("results.json", encoding="utf-8") as file:
        return code, json.load(file)["findings"]


@pytest.mark.parametrize(("function", "code"), [("shifted", 0), ("unshifted", 1)])
def test_the_same_source_is_judged_the_same_again(softcert, function, code):
    assert certify(softcert, f"kernel.py:{function}", "--op", "softmax")[0] == code
    verified, told = softcert("verify", "certificate.json", "--rerun", "--trust")
    assert verified == 0, told
    assert "unsigned" in told


def test_a_source_that_was_changed_is_told(softcert, tmp_path):
    certify(softcert, "kernel.py:shifted", "--op", "softmax")
    (tmp_path / "kernel.py").write_text(KERNEL.replace("x - x.max(axis=-1, keepdims=True)", "x", 1), encoding="utf-8")
    assert softcert("verify", "certificate.json")[0] == 0, "without a rerun nobody looks at the source"
    code, told = softcert("verify", "certificate.json", "--rerun", "--trust")
    assert code == 1, told
    assert "source was changed" in told
    assert "not verified" in told
    (tmp_path / "kernel.py").write_text("# another comment\n" + KERNEL, encoding="utf-8")
    assert softcert("verify", "certificate.json", "--rerun", "--trust")[0] == 0


def test_the_rerun_keeps_the_contract(softcert, tmp_path):
    claims = SMALL + 'working_precision = "float16"\nmax_abs_logit = 8.0\n'
    (tmp_path / "half.toml").write_text(claims, encoding="utf-8")
    subject = ("kernel.py:through_half_precision", "--op", "softmax")
    assert certify(softcert, *subject)[0] == 1, "the contract must matter"
    assert certify(softcert, *subject, contract="half.toml")[0] == 0
    code, told = softcert("verify", "certificate.json", "--rerun", "--trust")
    assert code == 0, told


def test_a_subject_that_is_gone_is_one_sentence(softcert, tmp_path):
    _, findings = certify(softcert, "kernel.py:unshifted", "--op", "softmax")
    (tmp_path / "kernel.py").unlink()
    for command in (
        ("verify", "certificate.json", "--rerun", "--trust"),
        ("replay", findings[0]["id"], "--results", "results.json", "--trust"),
    ):
        code, told = softcert(*command)
        assert code == 2, told
        assert "kernel.py" in told
        assert "Traceback" not in told


def test_a_finding_that_was_mended_replays_with_0(softcert, tmp_path):
    _, findings = certify(softcert, "kernel.py:unshifted", "--op", "softmax")
    finding = next(f for f in findings if f["property"] == "finite")
    assert softcert("replay", finding["id"], "--results", "results.json", "--trust")[0] == 1
    code, told = softcert("replay", finding["id"], "--results", "results.json", "--spec", "kernel.py:shifted")
    assert code == 0, told


def test_a_replay_is_judged_at_the_level_of_its_finding(softcert, tmp_path):
    # log(1 + tiny) breaks "accurate" wherever one class dominates; a mended overflow is mended all the same.
    (tmp_path / "kernel.py").write_text(KERNEL + "\ndef old_log_softmax(x):\n    return np.log(unshifted(x))\n")
    _, findings = certify(softcert, "kernel.py:old_log_softmax", "--op", "log_softmax")
    for finding in findings:
        if finding["level"] in ("sound", "stable"):
            replay = ("replay", finding["id"], "--results", "results.json")
            assert softcert(*replay, "--spec", "kernel.py:old_log_softmax")[0] == 1
            assert softcert(*replay, "--spec", "kernel.py:log_softmax")[0] == 0


def test_a_gradient_that_the_framework_derived_is_replayed_as_one(softcert):
    pytest.importorskip("torch")
    code, findings = certify(softcert, "loss.py:my_loss", "--op", "cross_entropy")
    assert code == 1
    finding = next(f for f in findings if f["operation"] == "cross_entropy_grad" and f["property"] == "accuracy")
    code, told = softcert("replay", finding["id"], "--results", "results.json", "--trust")
    assert code == 1, told
    assert "cross_entropy_grad, float32" in told
    assert "result_shape" not in told, "the loss itself must not be taken for its gradient"
    assert softcert("verify", "certificate.json", "--rerun", "--trust")[0] == 0
