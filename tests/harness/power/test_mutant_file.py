"""A changed copy is loaded from anywhere, with the imports of the original."""

from __future__ import annotations

from pathlib import Path

from softcert.power.mutant_file import copy_of
from softcert.power.originals import Original
from softcert_implementations.resolving.load_spec import load_spec


def test_a_copy_finds_the_neighbours_of_the_original(tmp_path: Path) -> None:
    """By relative imports and by their plain names; the imports from the future stay first."""
    package = tmp_path / "home" / "package_of_a_mutant"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "neighbour.py").write_text("VALUE = 7\n")
    (tmp_path / "home" / "plain_neighbour_of_a_mutant.py").write_text("VALUE = 5\n")
    text = (
        '"""Words."""\nfrom __future__ import annotations\nfrom .neighbour import VALUE as near\n'
        "from plain_neighbour_of_a_mutant import VALUE as plain\n"
    )
    original = Original(
        file=str(package / "subject.py"),
        module="package_of_a_mutant.subject",
        ending="SUBJECT = (near, plain, __file__)\n",
    )
    copy = tmp_path / "elsewhere" / "copy_of_a_mutant.py"
    copy.parent.mkdir()
    copy.write_text(copy_of(original, text))
    assert load_spec(f"{copy}:SUBJECT") == (7, 5, original.file)
