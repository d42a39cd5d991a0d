"""The gallery's mutants: how many there are, and which operation each is tried in."""

from __future__ import annotations

import numpy as np
import pytest

from softcert.power import originals
from softcert.power.mutations import mutations
from softcert.power.originals import lines_run, text


def by_halves(x):
    if len(x) > 2:
        return x * 0.5
    return x


def test_the_lines_that_a_function_runs_are_seen() -> None:
    """Whatever an input raises, what ran until then counts."""
    first = by_halves.__code__.co_firstlineno
    lines = lines_run(by_halves, "softmax", "float32", __file__, "numpy")
    assert {first + 1, first + 2, first + 3} <= lines
    assert lines_run(np.exp, "softmax", "float32", __file__, "numpy") == frozenset()


@pytest.fixture(scope="module")
def one_module() -> tuple[list[originals.Candidate], int]:
    """The mutants of one file of the gallery."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(originals, "_CORRECT", ("softcert_implementations.gallery.correct.precision",))
        patch.setattr(originals, "_BUNDLED", ("softcert_implementations.bundled.numpy_shifted",))
        return originals.gallery()


def test_a_mutant_is_tried_in_at_most_two_operations_that_reach_it(one_module) -> None:
    """Each one once, in a format of that implementation."""
    candidates, unreached = one_module
    assert len(set(candidates)) == len(candidates) > 300
    assert unreached < len(candidates) / 10
    tried: dict[tuple[str, int], int] = {}
    for c in candidates:
        key = (c.original.file, c.mutation)
        tried[key] = tried.get(key, 0) + 1
    assert max(tried.values()) == 2


def test_a_helper_is_tried_in_operations_that_use_it(one_module) -> None:
    """``_shifted`` of numpy_shifted is run by softmax, log_softmax and what rests on them, never by logsumexp."""
    candidates, _ = one_module
    own = [c for c in candidates if c.name == "numpy_shifted"]
    helper = {c.operation for c in own if mutations(text(c.original.file))[c.mutation].function == "_shifted"}
    assert helper
    assert "logsumexp" not in helper


def test_all_changes_of_one_function_share_their_pools(one_module) -> None:
    """The operation and format follow the function: few pools serve many mutants."""
    candidates, _ = one_module
    pools = {(c.original, c.operation, c.format) for c in candidates}
    assert len(candidates) > 8 * len(pools)
