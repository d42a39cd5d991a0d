"""The first run on a machine says that it compiles kernels."""

from __future__ import annotations

import pytest

from softcert.cli import first_use
from softcert_oracle.native.code import Code
from softcert_oracle.reference import backends


@pytest.mark.parametrize(
    ("ready", "backend", "told"), [(False, "fast", True), (True, "fast", False), (False, "arb", False)]
)
def test_the_wait_for_kernels_is_told_where_there_is_one(monkeypatch, capsys, ready, backend, told):
    """One line on stderr before the first compilation; none where they are kept already, or are not used."""
    monkeypatch.setattr(Code, "ready", property(lambda code: ready))
    monkeypatch.setattr(backends, "name", lambda: backend)
    first_use.tell()
    captured = capsys.readouterr()
    assert ("compiles its kernels" in captured.err) is told
    assert not captured.out


def test_several_subjects_are_announced_before_they_are_loaded(softcert, capsys):
    """The first line of the README's first command must not wait for torch."""
    assert softcert("certify", "naive", "no_such_name", "--effort", "quick") == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first == "softcert: 2 implementations at effort quick, level stable"
    assert "no_such_name" in second
