"""Engines: processes and Dask give the same digest, and what a lost process had begun is run again, once."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from softcert import UsageError, prove
from softcert.commands.proofs.run import Asked, run
from softcert.proofs.engine import Task, processes, spread
from softcert.proofs.plan import plan_of, subject_of
from softcert_reports.proofs.files import content_digest, load

ASKED = Asked(spec="numpy_shifted", operation="softmax", format="float8_e5m2", classes=2, rows_per_call=1024)


@pytest.fixture(scope="module")
def alone():
    """The digest of a run in one process."""
    return content_digest(run(ASKED, jobs=1))


def test_processes_give_the_same_digest(alone):
    assert content_digest(run(ASKED, jobs=2)) == alone


def test_any_executor_will_do(alone):
    with ThreadPoolExecutor(1) as pool:
        assert content_digest(run(ASKED, executor=pool)) == alone


def test_a_function_cannot_be_sent():
    with ThreadPoolExecutor(1) as pool, pytest.raises(UsageError, match="no SPEC"):
        prove(lambda x: x, op="softmax", dtype="float8_e5m2", executor=pool)


def test_a_killed_process_loses_nothing_and_nothing_counts_twice(alone, tmp_path):
    told, pools = [], []

    def engine():
        pools.append(ProcessPoolExecutor(2, mp_context=get_context("spawn")))
        return pools[-1]

    subject = subject_of("numpy_shifted", "softmax", "float8_e5m2", 2)
    plan = plan_of(subject, "numpy_shifted", rows_per_call=1024)
    task, parts = Task(plan=plan, spec="numpy_shifted"), []
    for part in spread(task, range(plan.leaves), engine, lost=told.append):
        parts.append(part)
        if len(parts) == 3:
            os.kill(next(iter(pools[0]._processes)), signal.SIGKILL)
    numbers = sorted(leaf.number for part in parts for leaf in part.leaves)
    assert numbers == list(range(plan.leaves))
    assert len(pools) == 2
    assert "a process was lost" in told[0]


def test_the_default_engine_is_a_pool_of_new_interpreters():
    with processes(1)() as pool:
        assert pool.submit(os.getpid).result() != os.getpid()


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_dask_gives_the_same_digest_although_a_worker_is_killed(alone, tmp_path):
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    path, seen = tmp_path / "part.json", []
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:

        def told(step):
            seen.append(step.done)
            if len(seen) == 3:
                worker = next(iter(cluster.workers.values()))
                os.kill(worker.pid, signal.SIGKILL)

        part = run(ASKED, results=path, scheduler=cluster.scheduler_address, told=told)
    assert content_digest(part) == alone
    assert part.tally.rows == 65536
    assert seen == sorted(set(seen))
    assert load(path) == part


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_local_cluster_of_dask_gives_the_same_digest(alone):
    pytest.importorskip("distributed", reason="Dask is not installed")
    assert content_digest(run(ASKED, scheduler="local", jobs=1)) == alone
