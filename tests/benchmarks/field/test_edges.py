"""What is asked where nothing is to be computed: the answers, and a process that ends in the middle."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.field import document, edges, view
from benchmarks.field.entries import ENTRIES

NUMPY = next(e for e in ENTRIES if e.key == "numpy")


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        (np.zeros((0, 3)), "empty, shape (0, 3)"),
        (np.array([[0.0, -0.0]]), "0"),
        (np.array([np.nan, 1.0]), "nan, 1"),
        (np.float32(-np.inf), "-inf"),
    ],
)
def test_an_answer_is_its_values_or_its_shape(result: np.ndarray, answer: str) -> None:
    assert edges.told(np.asarray(result)) == answer


def test_only_who_documents_an_ignored_label_is_asked_for_it() -> None:
    asked = {e.key for e in ENTRIES if any(case == "all rows ignored" for _, case in edges.questions(e))}
    assert asked == edges.IGNORING


def test_the_usual_formula_is_asked_in_a_process_of_its_own() -> None:
    said = {(o, case): got for o, case, got in edges.ask(NUMPY)}
    assert said["softmax", "no rows"] == "empty, shape (0, 3)"
    assert said["softmax", "no classes"] == "error (ValueError)"
    assert said["log_softmax", "one class"] == "0"
    assert "cross_entropy" not in {operation for operation, _ in said}


def test_a_process_that_ends_is_the_answer_and_the_next_question_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    glue = tmp_path / "glue.py"
    glue.write_text(
        "import os, signal, numpy as np\n"
        "def softmax(x):\n"
        "    if x.shape[0] == 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    e = np.exp(x - x.max(axis=-1, keepdims=True))\n"
        "    return e / e.sum(axis=-1, keepdims=True)\n"
    )
    monkeypatch.setattr(edges, "questions", lambda entry: [("softmax", "no rows"), ("softmax", "one class")])
    assert list(edges.ask(dataclasses.replace(NUMPY, spec=str(glue)))) == [
        ("softmax", "no rows", "the process ends by SIGKILL"),
        ("softmax", "one class", "1"),
    ]


def test_answers_stand_among_the_special_values(tmp_path: Path) -> None:
    kept = [{"operation": "softmax", "row": "no rows", "got": "empty, shape (0, 3)"}]
    (tmp_path / "numpy-edges.json").write_text(json.dumps(kept))
    lines = view.special(document.build(tmp_path))
    assert [(line["row"], line["answers"]) for line in lines] == [
        ("no rows", {"empty, shape (0, 3)": [NUMPY.title]}),
    ]
