"""Witnesses of earlier findings are tried first, if a folder is named for them."""

from __future__ import annotations

import pytest

from softcert.cases.case import Case
from softcert.cases.example_database import load, save
from softcert_oracle.errors import UsageError

PLACE = ("my/subject", "softmax", "float32")


def cases(*seeds):
    return [Case.of("ordinary", 1, 2, "float32", seed=seed) for seed in seeds]


def test_without_a_folder_nothing_is_stored():
    save(None, *PLACE, cases(1))
    assert load(None, *PLACE) == []


def test_the_latest_come_first_and_none_twice(tmp_path):
    save(tmp_path / "new", *PLACE, cases(1, 2))
    save(tmp_path / "new", *PLACE, cases(3, 1))
    assert [c.seed for c in load(tmp_path / "new", *PLACE)] == [3, 1, 2]


def test_fifty_are_stored(tmp_path):
    save(tmp_path, *PLACE, cases(*range(80)))
    assert [c.seed for c in load(tmp_path, *PLACE)] == list(range(50))


def test_subjects_operations_and_formats_have_files_of_their_own(tmp_path):
    save(tmp_path, *PLACE, cases(1))
    assert load(tmp_path, "other", "softmax", "float32") == []
    assert load(tmp_path, PLACE[0], "softmax", "float64") == []
    assert [p.name for p in tmp_path.iterdir()] == ["my-subject-softmax-float32.json"]


def test_nothing_to_store_makes_no_file(tmp_path):
    save(tmp_path, *PLACE, [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["[", "[1]", '[{"recipe": 9}]', "3"])
def test_a_broken_file_is_one_sentence(tmp_path, text):
    save(tmp_path, *PLACE, cases(1))
    (path,) = tmp_path.iterdir()
    path.write_text(text)
    with pytest.raises(UsageError, match=r"examples=|recipe="):
        load(tmp_path, *PLACE)


def test_operations_and_formats_of_a_long_name_have_files_of_their_own_too(tmp_path):
    name = "subject" * 40
    save(tmp_path, name, "softmax", "float32", cases(1))
    save(tmp_path, name, "softmax", "float64", cases(2))
    assert [c.seed for c in load(tmp_path, name, "softmax", "float32")] == [1]
    assert max(len(p.name) for p in tmp_path.iterdir()) <= 155, "file systems allow 255 bytes"


def test_a_file_is_text_that_people_read(tmp_path):
    save(tmp_path, *PLACE, cases(1))
    (path,) = tmp_path.iterdir()
    assert path.read_text().splitlines()[:4] == ["[", " {", '  "classes": 2,', '  "format": "float32",']
