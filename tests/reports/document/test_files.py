"""Round trip, digest, and one sentence for every way a file can be bad."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.reports import sample

from softcert_reports import document as d


def test_a_document_survives_its_file_bit_for_bit(document: d.Document, tmp_path: Path) -> None:
    saved = d.save(document, tmp_path / "results.json")
    loaded = d.load(tmp_path / "results.json")
    assert d.dumps(loaded) == d.dumps(saved) == (tmp_path / "results.json").read_text("utf-8")
    assert repr(loaded) == repr(d.canonical(document))  # repr tells NaN, -0.0 and every bit of a float


def test_times_do_not_enter_the_digest_and_everything_else_does() -> None:
    base = sample.sample()
    slow = replace(
        base,
        created="2030-01-01T00:00:00Z",
        timings={"total": 9e9},
        speed=(),
        subjects=tuple(replace(s, seconds_in_subject=99.0) for s in base.subjects),
        power=replace(base.power, seconds=1.0) if base.power else None,
    )
    assert d.digest(slow) == d.digest(base)
    assert d.digest(replace(base, seed=1)) != d.digest(base)
    cell = replace(base.cells[0], checks=base.cells[0].checks + 1)
    assert d.digest(replace(base, cells=(cell, *base.cells[1:]))) != d.digest(base)


def _tampered(text: str) -> str:
    return text.replace('"verdict": "not certified"', '"verdict": "certified"', 1)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda t: t[: len(t) // 2], "cut short"),
        (lambda t: "", "cut short"),
        (_tampered, "was changed after it was written"),
        (lambda t: t.replace('"schema": 3,', '"schema": 1,'), "schema version 1; this softcert reads version 3"),
        (lambda t: "[1, 2]", "no softcert results document"),
        (lambda t: '{"kind": "softcert-results", "schema": 3}', "lacks the field 'title'"),
        (lambda t: t.replace('"seed": 0', '"seed": NaN'), "NaN is not JSON"),
        (lambda t: t.replace('"seed": 0', '"seed": "0"'), "document.seed is '0'"),
        (lambda t: t.replace('"seed": 0', '"sead": 0'), "unknown field 'sead'"),
        (lambda t: t.replace('"limit": "0x', '"limit": "1x', 1), "hexadecimal float"),
        (lambda t: "[" * 200_000, "cut short"),
        (lambda t: t.replace('"seed": 0', '"seed": 0, "seed": 0'), "the key 'seed' stands twice in one object"),
        (lambda t: t.replace('"seed": 0', '"seed": ' + "9" * 5000), "not JSON"),
    ],
)
def test_a_spoiled_file_gives_one_sentence(spoil: object, words: str, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    text = d.dumps(sample.sample())
    spoiled = spoil(text)  # type: ignore[operator]
    assert spoiled != text
    path.write_text(spoiled, "utf-8")
    with pytest.raises(d.DocumentError) as caught:
        d.load(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_a_directory_and_binary_rubbish_give_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "rubbish").write_bytes(b"\xff\xfe\x00")
    for name, words in (("absent.json", "cannot be read"), ("", "cannot be read"), ("rubbish", "not even UTF-8")):
        with pytest.raises(d.DocumentError, match=words):
            d.load(tmp_path / name)
