"""The nursery: one subject after the other, none of which finds a trace of those before, or can hold up the next."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time

import numpy as np
import pytest
from tests.harness.executors.calls import asking

from softcert.executors.nursery import AVAILABLE, Nursery
from softcert.executors.process import ProcessExecutor
from softcert.executors.worker_starters import environment

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="there is no fork, or no pidfd here")

X = np.zeros((1, 2), np.float32)


@pytest.fixture
def shared():
    """Descriptors in the place of the memory: nothing is read from them."""
    descriptors = [os.open(os.devnull, os.O_RDWR) for _ in range(4)]
    yield descriptors
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.fixture
def nursery():
    nursery = Nursery(environment())
    yield nursery
    nursery.close()


def answer(nursery, tmp_path, body, **limits):
    """The reply of a subject whose function has a body; imports stand inside it."""
    path = tmp_path / f"subject_{len(list(tmp_path.iterdir()))}.py"
    path.write_text(f"import os, signal, sys\ndef softmax(x):\n    {body}\n")
    keywords = {"op": "softmax", "dtypes": "float32", "arrays": "numpy", "batched": True}
    with ProcessExecutor(f"{path}:softmax", keywords, nursery=nursery, **limits) as executor:
        return executor.run(asking(X))


def value(reply):
    assert reply.fault is None, reply.fault
    return float(np.frombuffer(reply.results[0].data, np.float32)[0])


def running(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(") ")[2][0] not in "ZX"
    return False


def ends(pid):
    deadline = time.monotonic() + 30
    while running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not running(pid)


def test_subjects_share_the_nursery_and_no_other_process(nursery, tmp_path):
    parents = [value(answer(nursery, tmp_path, "return x * 0 + os.getppid() % 1000003")) for _ in range(2)]
    assert parents[0] != parents[1]


def test_a_subject_finds_nothing_of_the_one_before(nursery, tmp_path):
    first = "import numpy, fractions; numpy.mine = True; os.environ['MINE'] = '1'; return x * 0 + 1"
    assert value(answer(nursery, tmp_path, first)) == 1
    second = (
        "import numpy; return x * 0 + hasattr(numpy, 'mine') + ('fractions' in sys.modules) + ('MINE' in os.environ)"
    )
    assert value(answer(nursery, tmp_path, second)) == 0


@pytest.mark.parametrize(
    "number",
    ["SIGKILL", pytest.param("SIGSTOP", marks=pytest.mark.slow)],  # waits until a silent process is looked at
)
def test_a_subject_that_attacks_its_zygote_or_the_nursery_costs_the_next_nothing(nursery, tmp_path, number):
    reply = answer(nursery, tmp_path, f"os.kill(os.getppid(), signal.{number}); return x * 0 + 1")
    assert reply.fault is not None or value(reply) == 1
    assert value(answer(nursery, tmp_path, "return x * 0 + 2")) == 2
    above = "int(open(f'/proc/{os.getppid()}/stat').read().rpartition(') ')[2].split()[1])"
    answer(nursery, tmp_path, f"os.kill({above}, signal.{number}); return x * 0 + 1")
    assert value(answer(nursery, tmp_path, "return x * 0 + 3")) == 3


def test_a_subject_that_hangs_or_starts_processes_is_gone_with_its_executor(nursery, tmp_path):
    place = tmp_path / "pid"
    hang = f"open({str(place)!r}, 'w').write(f'{{os.getpid()}}'); import time; time.sleep(600)"
    assert answer(nursery, tmp_path, hang, timeout=0.5, start_timeout=0.5).fault.kind == "hang"
    assert ends(int(place.read_text()))
    fork = (
        f"c = os.fork() or (os.setsid(), open({str(place)!r}, 'w').write(f'{{os.getpid()}}'), signal.pause()); return x"
    )
    answer(nursery, tmp_path, fork)
    time.sleep(0.2)
    assert ends(int(place.read_text()))


def test_closing_ends_the_nursery_and_its_zygotes(nursery, shared):
    control, zygote = nursery.zygote(shared, ())
    process = nursery._running[0][0]
    nursery.close()
    zygote.wait(30)
    assert process.poll() is not None
    control.close()


def test_a_stopped_zygote_is_seen_and_can_be_killed(nursery, shared):
    control, zygote = nursery.zygote(shared, ())
    assert not zygote.stopped()
    os.kill(zygote.pid, signal.SIGSTOP)
    deadline = time.monotonic() + 30
    while not zygote.stopped() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert zygote.stopped()
    with pytest.raises(subprocess.TimeoutExpired):
        zygote.wait(0.01)
    zygote.kill()
    zygote.wait(30)
    control.close()


def test_a_nursery_that_cannot_start_is_an_os_error(nursery, shared, monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false" if os.path.exists("/bin/false") else "/usr/bin/false")
    with pytest.raises(OSError, match="no zygote could be started"):
        nursery.zygote(shared, ())
