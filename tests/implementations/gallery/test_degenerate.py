"""Each way to compute nothing exists for each core operation."""

from __future__ import annotations

import numpy as np

from softcert_implementations.gallery import DEGENERATE
from softcert_oracle import operations


def test_all_degenerate_implementations_exist_for_all_core_operations():
    kinds = {each.name.removeprefix(f"{each.operation}_") for each in DEGENERATE}
    assert {(each.operation, each.name.removeprefix(f"{each.operation}_")) for each in DEGENERATE} == {
        (operation, kind) for operation in operations.CORE for kind in kinds
    }
    assert len(kinds) >= 8


def test_the_previous_answer_is_the_answer_of_the_call_before():
    defect = next(each for each in DEGENERATE if each.name == "softmax_previous_answer")
    function = defect.fresh()
    x = np.array([[0.0, 0.0]], np.float32)
    assert function(x).tolist() == [[0.0, 0.0]]
    assert function(np.array([[9.0, 0.0]], np.float32)).tolist() == [[0.5, 0.5]]
