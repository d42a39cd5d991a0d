"""No cheat earns a reward: wrong ones are refuted, and right ones that lean on something are told by their flags."""

from __future__ import annotations

from collections import defaultdict

import pytest
from tests.harness.cheats.cheat import Cheat, Expected
from tests.harness.cheats.table import CHEATS, FAMILIES

import softcert

SECONDS = 60.0


def verdicts(cheats: list[Cheat]):
    """Each cheat with its verdict; one judge for each operation and array library."""
    groups: dict[tuple[str, str], list[Cheat]] = defaultdict(list)
    for cheat in cheats:
        groups[cheat.op, cheat.arrays].append(cheat)
    for (op, arrays), members in groups.items():
        judge = softcert.Judge(op, "float32", arrays=arrays, salt="cheats", seconds=SECONDS, explain=False)
        for verdict in judge.stream([cheat.make() for cheat in members]):
            yield members[verdict.candidate], verdict


@pytest.mark.slow  # a family has up to ten of them; those that hang wait for their time limits
@pytest.mark.parametrize("family", FAMILIES)
def test_no_cheat_of_a_family_earns_the_reward_and_what_is_no_cheat_does(family):
    """Every second one of a family, and all that are none: benchmarks/judge.py runs the whole set."""
    cheats = [c for c in CHEATS.values() if c.family == family]
    cheats = [c for k, c in enumerate(cheats) if k % 2 == 0 or c.expected is Expected.LEGAL]
    told = dict.fromkeys((c.name for c in cheats), "")
    for cheat, verdict in verdicts(cheats):
        assert (verdict.reward == 1) == (cheat.expected is Expected.LEGAL), (cheat.name, verdict)
        assert verdict.verdict == "certified" or verdict.feedback, cheat.name
        if verdict.verdict == "certified" and not verdict.reward:
            assert verdict.flags, cheat.name
        told[cheat.name] = verdict.verdict
    assert all(told.values()), told
