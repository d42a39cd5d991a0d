"""Progress in a log: a line a unit, the first finding at once, and never a long silence."""

from __future__ import annotations

from itertools import pairwise

import pytest

from softcert.cli import progress as module
from softcert.cli.progress import Bars, Log, progress
from softcert.commands.progress import Step, ticking


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def step(state, done=0, total=0, text="", subject="mine", format="float32"):
    return Step(subject=subject, operation="softmax", format=format, state=state, done=done, total=total, text=text)


def lines(capsys):
    return capsys.readouterr().err.splitlines()


def test_a_unit_has_one_line_when_it_is_done(clock, capsys):
    log = Log()
    log.step(step("started"))
    log.step(step("cases", 5, 10))
    assert lines(capsys) == []
    log.step(step("done", text="holds stable"))
    assert lines(capsys) == ["mine softmax float32: holds stable"]


def test_the_first_line_comes_soon_and_others_before_long(clock, capsys):
    log = Log()
    told = []
    for second in range(1, 61):
        clock.now = float(second)
        log.step(step("cases", second, 100))
        told += [second] * len(lines(capsys))
    assert told[0] <= 5
    assert max(b - a for a, b in pairwise(told)) <= 15


def test_a_line_says_how_far_a_unit_is_or_that_its_calls_are_made(clock, capsys):
    log = Log()
    log.step(step("cases", 1200, 2583))
    clock.now = 5.0
    log.tick()
    clock.now = 16.0
    log.step(step("cases", 2583, 2583))
    assert lines(capsys) == ["mine softmax float32: 1200 of 2583 cases", "mine softmax float32: judging, 16 s"]


def test_the_first_finding_of_a_subject_comes_at_once_and_no_second_one(clock, capsys):
    log = Log()
    text = "finite fails (nan) on edge, 1 x 2 logits"
    log.step(step("finding", text=text))
    log.step(step("finding", text="another", format="float64"))
    log.step(step("finding", text="yours", subject="other"))
    assert lines(capsys) == [
        f"mine softmax float32: {text} (first finding)",
        "other softmax float32: yours (first finding)",
    ]


def test_words_of_a_subject_stay_on_one_line(clock, capsys):
    Log().step(step("done", text="a\n::error::b", subject="x\ny"))
    (line,) = lines(capsys)
    assert "::error::" not in line or not line.startswith("::")


def test_lines_where_nobody_looks_and_bars_where_somebody_does(monkeypatch):
    assert isinstance(progress(), Log)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(progress(), Bars)
    monkeypatch.setenv("CI", "true")
    assert isinstance(progress(), Log)


def test_bars_come_and_go_with_their_units():
    with Bars() as bars:
        bars.step(step("cases", 1, 2))
        bars.step(step("cases", 1, 2, format="float64"))
        assert len(bars._tasks) == 2
        bars.step(step("done"))
        assert len(bars._tasks) == 1


def test_ticks_come_from_a_thread_that_ends(monkeypatch):
    import threading

    from softcert.commands import progress as commands

    monkeypatch.setattr(commands, "_EVERY", 0.001)
    ticked = threading.Event()

    class Listener:
        tick = staticmethod(ticked.set)

    before = threading.active_count()
    with ticking(Listener(), on=True):
        assert ticked.wait(10)
    assert threading.active_count() == before
