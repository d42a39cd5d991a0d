"""Starting workers, by fork and as a new interpreter: each one is answered, killed and its end told."""

import os
import signal

import pytest

from softcert.executors.nursery import AVAILABLE, Nursery
from softcert.executors.transport.channel import ChannelClosedError
from softcert.executors.worker_starters import HAS_FORK, Memory, Spawner, Zygote, environment


@pytest.fixture(params=["zygote", "nursery", "spawn"])
def starter(request):
    if not {"zygote": HAS_FORK, "nursery": AVAILABLE, "spawn": True}[request.param]:
        pytest.skip("there is no fork here")
    memory = Memory(named=request.param == "spawn")
    nursery = Nursery(environment()) if request.param == "nursery" else None
    starter = Spawner(memory, ()) if request.param == "spawn" else Zygote(memory, (), nursery)
    yield starter
    starter.close()
    memory.close()
    if nursery is not None:
        nursery.close()


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_leads_a_process_group_of_its_own(starter):
    worker = starter.worker(60)
    assert os.getpgid(worker.pid) == worker.pid != os.getpgid(0)
    worker.channel.close()


def test_a_worker_ends_by_itself_when_its_channel_is_closed(starter):
    worker = starter.worker(60)
    worker.channel.close()
    assert starter.exit_status(worker, 60) == 0


def test_a_killed_worker_has_the_status_of_its_signal(starter):
    worker = starter.worker(60)
    assert starter.exit_status(worker, 0) is None
    starter.kill(worker)
    assert starter.exit_status(worker, 60) == -signal.SIGKILL
    worker.channel.close()


def test_a_second_worker_follows_the_first(starter):
    first = starter.worker(60)
    starter.kill(first)
    starter.exit_status(first, 60)
    first.channel.close()
    second = starter.worker(60)
    assert second.pid != first.pid
    assert running(second.pid)
    second.channel.close()


def test_closing_ends_every_worker(starter):
    worker = starter.worker(60)
    starter.close()
    starter.close()
    with pytest.raises(ChannelClosedError):  # nobody is left at the other end
        worker.channel.receive(60)
    worker.channel.close()
    assert starter.exit_status(worker, 0) is None


@pytest.mark.skipif(not HAS_FORK, reason="there is no fork here")
def test_a_zygote_that_was_killed_is_started_anew():
    memory = Memory(named=False)
    zygote = Zygote(memory, ())
    first = zygote.worker(60)
    zygote._process.kill()
    zygote._process.wait()
    second = zygote.worker(60)
    assert running(second.pid)
    for worker in (first, second):
        worker.channel.close()
    zygote.close()
    memory.close()


@pytest.mark.skipif(not HAS_FORK, reason="there is no fork here")
def test_a_zygote_that_cannot_start_is_an_os_error(monkeypatch):
    memory = Memory(named=False)
    zygote = Zygote(memory, ())
    monkeypatch.setattr("sys.executable", "/bin/false" if os.path.exists("/bin/false") else "/usr/bin/false")
    with pytest.raises(OSError, match="no worker process could be started"):
        zygote.worker(60)
    zygote.close()
    memory.close()


@pytest.mark.parametrize("named", [False, True])
def test_the_memory_hands_out_the_text_of_a_dead_worker_once(named):
    memory = Memory(named=named)
    os.write(memory.streams[1], b"last words")
    assert memory.texts() == [("stderr", "last words")]
    assert memory.texts() == []
    paths = [*memory.paths, memory.requests.path, memory.replies.path]
    memory.close()
    memory.close()
    assert not any(path and os.path.exists(path) for path in paths)
