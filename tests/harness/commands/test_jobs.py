"""Tasks in several processes: every value comes back, a death costs one task alone, and no process stays behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from softcert.commands import jobs
from softcert.commands.job_process import DONE, FAILED, REPORT
from softcert.commands.jobs import LOST, Pool
from softcert_oracle.errors import UsageError

pytestmark = pytest.mark.skipif(bool(jobs.cannot_fork()), reason="jobs are forks of this process")


class Group:
    """Tasks that a function does; it is given their number and what to report to."""

    def __init__(self, tasks, function):
        self.tasks, self.function = tasks, function
        self.handed_over = self.was_ended = 0

    @contextlib.contextmanager
    def opened(self):
        yield self.function

    def hand_over(self):
        self.handed_over += 1

    def ended(self):
        self.was_ended += 1


def events(groups, count, until=None, **how):
    seen = []
    with Pool(groups, count, **how) as pool:
        while pool.running:
            pool.wait(0.1)
            while pool.inbox:
                seen.append(pool.inbox.popleft())
                if until is not None:
                    until(pool, seen[-1])
    return seen


@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_task_is_done_once_whatever_the_number_of_jobs(count):
    groups = [Group(3, lambda k, report: (k, "a")), Group(2, lambda k, report: (k, "b"))]
    seen = events(groups, count)
    assert {e.kind for e in seen} == {DONE}
    assert sorted((e.group, e.task, e.value) for e in seen) == [
        *((0, k, (k, "a")) for k in range(3)),
        *((1, k, (k, "b")) for k in range(2)),
    ]
    assert [(g.handed_over, g.was_ended) for g in groups] == [(1, 1), (1, 1)]


def test_a_group_is_done_by_one_process_where_its_tasks_share_a_state():
    seen = events([Group(4, lambda k, report: os.getpid()), Group(1, lambda k, report: os.getpid())], 3, shared=False)
    assert len({e.value for e in seen if e.group == 0}) == 1
    assert os.getpid() not in {e.value for e in seen}


def test_a_free_job_helps_with_what_is_left():
    def slow(k, report):
        time.sleep(0.2)
        return os.getpid()

    assert len({e.value for e in events([Group(4, slow)], 2)}) == 2


def test_a_process_that_dies_costs_its_task_alone():
    def dying(k, report):
        if k == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return k

    seen = events([Group(3, dying)], 1)
    assert [(e.kind, e.task) for e in seen] == [(DONE, 0), (LOST, 1), (DONE, 2)]
    assert seen[1].value == "the process that ran it was ended by SIGKILL"


def test_an_error_comes_back_as_its_name_and_text():
    def failing(k, report):
        raise ZeroDivisionError("ours")

    (event,) = events([Group(1, failing)], 1)
    assert (event.kind, event.value) == (FAILED, ("ZeroDivisionError", "ours"))


def test_reports_come_before_the_value_and_texts_are_never_dropped():
    def reporting(k, report):
        for done in range(1000):
            report(done, 1000)
        report(0, 1000, "first")
        report(0, 1000, "second")

    seen = [e.value for e in events([Group(1, reporting)], 1) if e.kind == REPORT]
    assert seen[0] == (0, 1000, "")
    assert [v for v in seen if v[2]] == [(0, 1000, "first"), (0, 1000, "second")]
    assert len(seen) < 100, "a report for each step would cost more than the step"


def test_tasks_that_are_skipped_are_not_done_and_their_process_is_ended():
    def endless(k, report):
        report(0, 0, "begun")
        while k:
            time.sleep(0.1)

    def skip(pool, event):
        if event.kind == REPORT and event.task == 1:
            pool.skip(0, 1)

    start = time.monotonic()
    seen = events([Group(5, endless)], 2, skip)
    assert [e.task for e in seen if e.kind == DONE] == [0]
    assert time.monotonic() - start < 20


def test_stopped_jobs_send_what_they_have():
    def interrupted(k, report):
        try:
            report(0, 0, "begun")
            time.sleep(60)
        except KeyboardInterrupt:
            return "so far"

    seen = events([Group(3, interrupted)], 2, lambda pool, event: pool.stop() if event.kind == REPORT else None)
    assert "so far" in [e.value for e in seen if e.kind == DONE]
    assert all(e.task < 2 for e in seen), "no further task is begun"


_RUN = """
import os, sys, time
sys.path[:0] = {path!r}
from tests.harness.commands.test_jobs import Group
from softcert.commands.jobs import Pool

def task(k, report):
    os.write(1, b"%d\\n" % os.getpid())  # whole lines, whoever else writes
    time.sleep(60)

with Pool([Group(2, task)], 2) as pool:
    while pool.running:
        pool.wait(0.1)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the death of the parent is told by Linux")
def test_jobs_end_with_a_run_that_is_killed():
    code = _RUN.format(path=sys.path)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as run:
        pids = [int(run.stdout.readline()) for _ in range(2)]
        run.kill()
    deadline = time.monotonic() + 20
    while any(_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_alive(pid) for pid in pids)


def _alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_process_with_threads_is_not_forked():
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        assert jobs.cannot_fork() == "this process has several threads"
    finally:
        ended.set()
        thread.join()


def test_as_many_jobs_as_asked_for_or_as_the_work_is_worth(monkeypatch):
    monkeypatch.setattr(jobs, "cores", lambda: 4)
    assert [jobs.count(None, work, 20) for work in (1, 5, 7, 100)] == [1, 1, 2, 4]
    assert jobs.count(None, 100, 3) == 3
    assert (jobs.count(8, 1, 20), jobs.count(8, 1, 2)) == (8, 2)
    for wrong in (0, -1, 1.5, True, "2"):
        with pytest.raises(UsageError, match="whole number of at least 1"):
            jobs.count(wrong, 1, 1)
