"""Files that stand in for a subject: there as long as they are needed, each with a name of its own."""

from __future__ import annotations

from softcert.power import stand_in


def test_a_stand_in_is_gone_after_its_context_and_a_kept_one_stays() -> None:
    """Workers may load a kept one again."""
    with stand_in.stand_in("A = 1\n") as path:
        assert path.read_text() == "A = 1\n"
        kept = stand_in.kept("B = 2\n")
        assert kept.stem != path.stem
    assert not path.exists()
    assert stand_in.kept("B = 2\n") == kept
    assert kept.read_text() == "B = 2\n"


def test_a_call_in_a_stand_in_gives_what_the_function_returns() -> None:
    """Its arguments are plain data."""
    space: dict[str, object] = {}
    exec(stand_in.call("math", "hypot", 3.0, 4.0), space)
    assert space[stand_in.NAME] == 5.0
