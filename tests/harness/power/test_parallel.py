"""Tasks over processes come back in the order of the tasks."""

from __future__ import annotations

import os

from softcert.power.parallel import outcomes


def test_one_job_runs_here_and_lazily() -> None:
    """Each outcome is there before the next task begins."""
    begun = []
    found = outcomes(lambda task: begun.append(task) or -task, [3, 1, 2])
    assert next(found) == -3
    assert begun == [3]
    assert list(found) == [-1, -2]


def test_several_jobs_keep_the_order_and_the_environment() -> None:
    """The processes compute with one thread each; this one keeps its own settings."""
    before = dict(os.environ)
    assert list(outcomes(abs, [-3, -1, -2], jobs=2)) == [3, 1, 2]
    assert dict(os.environ) == before
