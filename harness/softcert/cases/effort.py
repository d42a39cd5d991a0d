"""Efforts: how many cases are run. Counts only, so that a verdict never depends on the machine's speed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Effort:
    """The counts of one effort.

    Attributes
    ----------
    name
        "quick", "standard" or "thorough".
    seeds
        How many seeds each magnitude case is built from.
    thin
        Whether the long lists of crossings are thinned out: every second one of sizes and positions, and three kinds
        of logits for each value of an option.
    hypothesis_examples
        Cases that Hypothesis draws.
    hill_climb_steps
        Steps of the search for the largest error.
    relations
        Base cases of the relations, which call the subject again.
    logits
        The most logits that a case of the crossings may be worth, its repeated calls included. What is larger is left
        out, and the coverage says so.
    """

    name: str
    seeds: int
    thin: bool
    hypothesis_examples: int
    hill_climb_steps: int
    relations: int
    logits: int = 131_100


EFFORTS = {
    "quick": Effort(
        name="quick", seeds=1, thin=True, hypothesis_examples=40, hill_climb_steps=0, relations=4, logits=131_100
    ),
    "standard": Effort(
        name="standard",
        seeds=3,
        thin=False,
        hypothesis_examples=300,
        hill_climb_steps=100,
        relations=20,
        logits=500_000,
    ),
    "thorough": Effort(
        name="thorough",
        seeds=12,
        thin=False,
        hypothesis_examples=2500,
        hill_climb_steps=1000,
        relations=60,
        logits=2_000_000,
    ),
}
"""The efforts by name, the smallest first."""
