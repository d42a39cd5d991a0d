"""What a notebook shows of a certificate, a finding and an exact result: short, escaped, and nothing that runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from tests.reports import sample, small

from softcert import Certificate, UsageError
from softcert.commands import notebook
from softcert.commands.progress import Silent, Step
from softcert_oracle import Answer, answer
from softcert_reports import document as d
from softcert_reports.exports.notebook import summary

HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m"


def _certificate() -> Certificate:
    run = small.red()
    only = run.subjects[1:]
    cells = tuple(c for c in run.cells if c.subject == "wrong")
    domains = tuple(x for x in run.domains if x.subject == "wrong")
    return Certificate.of(d.derive(replace(run, subjects=only, cells=cells, domains=domains, special_values=())))


MAKERS: dict[str, Callable[[], Any]] = {
    "certificate": _certificate,
    "finding": lambda: replace(sample.sample().findings[0], summary=HOSTILE, subject=HOSTILE),
    "answer": lambda: answer("softmax", ["1", "2"]),
    "scalar answer": lambda: answer("cross_entropy", ["1", "2"], label=1),
}


@pytest.mark.parametrize("name", list(MAKERS))
def test_a_notebook_gets_a_short_repr_and_safe_small_html(name: str) -> None:
    thing = MAKERS[name]()
    assert len(repr(thing)) < 400
    html = thing._repr_html_()
    assert 0 < len(html) < 20_000
    for words in ("<script", "javascript:", "http", "style=", "onerror", "\u202e", "\x1b"):
        assert words not in html


@pytest.mark.parametrize("document", [sample.sample(), sample.hostile(), sample.empty()])
def test_every_run_has_safe_html(document: d.Document) -> None:
    html = summary(document)
    assert "<script" not in html
    assert "\u202e" not in html
    assert len(html) < 40_000


def test_the_html_names_cause_remedy_and_verdict() -> None:
    plain = tuple(replace(f, expected_reason="") for f in sample.sample().findings)
    html = summary(replace(sample.sample(), findings=plain))
    assert "3 of 5 implementations are certified" in html
    assert "Subtract the row&#x27;s maximum" in html


def test_a_certificate_says_what_it_is_in_one_line() -> None:
    assert repr(_certificate()) == "<Certificate of wrong: not certified at stable; 1 finding>"
    assert repr(Certificate.inside_worker()).startswith("<Certificate")
    assert Certificate.inside_worker()._repr_html_()


def test_an_answer_shows_what_was_asked() -> None:
    given: Answer = answer("logsumexp", ["0", "0"], digits=6)
    assert repr(given) == "<logsumexp of [0, 0]: 0.693147>"
    assert "<td>0, 0</td><td>0.693147</td>" in given._repr_html_()


def test_the_matrix_becomes_a_data_frame() -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    frame = _certificate().to_frame()
    assert list(frame["property"]) == ["sound_accuracy", "accuracy"]
    assert list(frame["violations"]) == [0, 4]
    assert frame["worst_ulp"].max() == 16.0


def test_without_pandas_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pandas"):
        _certificate().to_frame()


class _Handle:
    """IPython's handle of an output: what was shown, in its order."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def display(self, data: dict[str, str], **_: Any) -> _Handle:
        self.shown.append(data["text/plain"])
        return self

    update = display


def _step(state: Any, **fields: Any) -> Step:
    return Step(subject="mine", operation="softmax", format="float32", state=state, **fields)


def test_progress_is_one_line_in_a_notebook_and_nothing_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    handle = _Handle()
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.delitem(sys.modules, "IPython")
    assert isinstance(notebook.listener(), Silent)
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=handle.display))  # type: ignore[arg-type]
    listener = notebook.listener()
    listener.step(_step("cases", done=3, total=9))
    listener.step(_step("finding", text="nan"))
    listener.step(_step("done"))
    listener.tick()
    assert len(handle.shown) == 2
    assert handle.shown[0].startswith("mine softmax float32: 3 of 9 cases")
    assert handle.shown[1].startswith("mine softmax float32 done")
    assert handle.shown[1].endswith("failing so far: 1")


def test_a_shell_that_is_no_notebook_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: object()))  # type: ignore[arg-type]
    assert isinstance(notebook.listener(), Silent)
