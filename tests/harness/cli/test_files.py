"""Files of a command: refused before the work where they cannot be written, and never at the cost of a verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from softcert.cli.files import refuse_unwritable, with_files
from softcert.results.outputs import Written
from softcert_oracle.errors import UsageError


def test_a_lost_file_takes_the_green_and_nothing_else():
    """0 becomes 3; what is worse stays."""
    lost = Written((), ("r.json cannot be written: No space left on device.",))
    assert [with_files(code, lost) for code in (0, 1, 3)] == [3, 1, 3]
    assert [with_files(code, Written((Path("r.json"),), ())) for code in (0, 1, 3)] == [0, 1, 3]


def test_a_folder_for_a_file_and_a_file_for_a_folder_are_refused(tmp_path):
    """Before hours of work, with the option that is wrong."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"--junit .* is a folder"):
        refuse_unwritable(None, {"junit": tmp_path})
    with pytest.raises(UsageError, match=r"--report .* is no folder"):
        refuse_unwritable(tmp_path / "file" / "x", {})
    with pytest.raises(UsageError, match="--results"):
        refuse_unwritable(None, {"results": tmp_path / ("x" * 300) / "r.json"})
    refuse_unwritable(tmp_path / "new" / "deep", {"results": tmp_path / "new" / "r.json", "sarif": None})


def test_one_file_for_two_outputs_is_refused(tmp_path):
    """One of them would be lost without a word."""
    with pytest.raises(UsageError, match="--junit and --sarif both name"):
        refuse_unwritable(None, {"junit": tmp_path / "x", "sarif": tmp_path / "x"})


def test_a_folder_that_may_not_be_written_is_refused(tmp_path, monkeypatch):
    """As root every folder may be written, so the system's answer is made here."""
    monkeypatch.setattr("softcert.cli.files.os.access", lambda path, mode: False)
    with pytest.raises(UsageError, match="may not be written"):
        refuse_unwritable(None, {"badge": tmp_path / "b.json"})
