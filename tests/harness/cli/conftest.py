"""The command line within this process."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from softcert import cli


@pytest.fixture
def softcert(tmp_path, monkeypatch) -> Callable[..., int]:
    """Call the command line in an empty folder, outside CI; its exit code."""
    monkeypatch.chdir(tmp_path)
    for name in ("CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["softcert", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0)

    return call
