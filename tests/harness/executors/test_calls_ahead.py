"""Calls that are sent ahead: the replies are those of a loop of single calls, whatever happens in the middle."""

import itertools
import os
import signal
import time
from collections import deque

import numpy as np
import pytest
from tests.harness.executors import calls, hostile
from tests.harness.executors.calls import KEYWORDS, asking, asking_for
from tests.harness.executors.subjects_that_misbehave import softmax

from softcert.executors import process
from softcert.executors.in_process import InProcessExecutor
from softcert.executors.process import WINDOW, ProcessExecutor
from softcert.executors.protocol import FaultKind, to_numpy

PATIENCE = 60.0


def asking_softmax(*numbers):
    """Requests whose answers tell them apart; numbers of actions have the subject misbehave."""
    return [asking(np.array([[n, -n, 0.5]], np.float32)) for n in numbers]


def plain(reply):
    """What a reply says, without times."""
    fault = reply.fault and (str(reply.fault.kind), reply.fault.message)
    results = reply.results and [(a.format, a.shape, bytes(a.data)) for a in reply.results]
    return results, fault, reply.after, reply.observations


@pytest.mark.parametrize("start", ["none", "zygote", "spawn"])
def test_replies_are_those_of_a_loop_of_single_calls(start):
    """Answers, exceptions, sys.exit, text, results of other types and sizes, and arguments of several shapes."""
    codes = [0, 9, 0.5, 14, 4, -1, 30, 33, 35, 39, 17, -2, 31]
    requests = [*asking_softmax(*codes), asking_for(-3, (50, 70)), asking_for(-4, (0, 4)), *asking_softmax(-5, 9, -6)]

    def opened():
        if start == "none":
            return InProcessExecutor(calls.one(softmax))
        return ProcessExecutor(softmax, KEYWORDS, start=start)

    with opened() as executor:
        loop = [plain(executor.run(r)) for r in requests]
    with opened() as executor:
        assert [plain(r) for r in executor.run_all(requests)] == loop
        assert list(executor.run_all(())) == []


@pytest.fixture(scope="module")
def executor():
    limits = {"timeout": PATIENCE, "memory_limit": 1 << 28, "deaths_limit": 10**6}
    with ProcessExecutor(softmax, KEYWORDS, **limits) as executor:
        assert executor.run(asking_for(0)).fault is None
        yield executor


@pytest.mark.parametrize(("code", "kind"), [(1, "crash"), (3, "exit"), (5, "hang"), (6, "hang"), (7, "memory")])
def test_a_fault_in_the_middle_belongs_to_its_call_and_the_others_are_answered(executor, code, kind):
    executor.timeout = 0.4 if kind == "hang" else PATIENCE
    numbers = [-n for n in range(60)]
    numbers[20] = numbers[41] = code
    try:
        replies = list(executor.run_all(asking_softmax(*numbers)))
    finally:
        executor.timeout = PATIENCE
    assert [i for i, r in enumerate(replies) if r.fault] == [20, 41]
    assert [r.fault.kind for r in (replies[20], replies[41])] == [kind, kind]
    for n, reply in zip(numbers, replies, strict=True):
        if n != code:
            x = np.array([[n, -n, 0.5]], np.float32)
            assert to_numpy(reply.results[0]).tolist() == softmax(x).tolist()


def test_two_calls_in_a_row_that_end_the_worker_are_two_faults(executor):
    before = executor.deaths
    replies = list(executor.run_all(asking_softmax(0, 1, 3, 0)))
    assert [r.fault and str(r.fault.kind) for r in replies] == [None, "crash", "exit", None]
    assert executor.deaths == before + 2


def test_a_forged_frame_in_the_middle_belongs_to_its_call():
    def named(name):
        return asking(np.full((1, 2), 100 + hostile.NAMES.index(name), np.float32))

    fine = asking(np.zeros((1, 2), np.float32))
    names = ["another call", "no fault", "room without end"]
    with ProcessExecutor(hostile.softmax, KEYWORDS, timeout=PATIENCE, deaths_limit=100) as executor:
        requests = [part for name in names for part in (fine, named(name), fine)]
        kinds = [r.fault and r.fault.kind for r in executor.run_all(requests)]
    assert kinds == [None, FaultKind.PROTOCOL, None] * 3


def test_a_subject_that_is_given_up_gets_no_further_call():
    with ProcessExecutor(softmax, KEYWORDS, deaths_limit=3) as executor:
        replies = list(executor.run_all(asking_softmax(0, 1, 1, 0, 1, 1, 1, 0, 0)))
        assert executor.given_up
        assert executor.deaths == 5
    assert [r.fault is None for r in replies] == [n in (0, 3) for n in range(9)]
    assert all("given up after 3 calls in a row" in r.fault.message for r in replies[7:])


def test_requests_are_pulled_no_further_ahead_than_the_window(executor):
    pulled = itertools.count()
    requests = (r for r in asking_softmax(*[0] * 1000) if next(pulled) >= 0)
    replies = executor.run_all(requests)
    for _ in range(300):
        assert next(replies).fault is None
    replies.close()
    assert 300 <= next(pulled) <= 300 + WINDOW


def test_the_first_requests_are_pulled_one_or_two_at_a_time(executor):
    """A subject that fails at once is not called a whole window further."""
    pulled = itertools.count()
    replies = executor.run_all(r for r in asking_softmax(*[0] * 1000) if next(pulled) >= 0)
    next(replies)
    replies.close()
    assert next(pulled) <= 2


def test_after_a_generator_is_closed_the_next_call_gets_its_own_reply(executor):
    for consumed in (1, 5, 30):
        replies = executor.run_all(asking_softmax(*range(-100, 0)))
        for _ in range(consumed):
            next(replies)
        replies.close()
        x = np.array([[-5, -6]], np.float32)
        assert to_numpy(executor.run(asking(x)).results[0]).tolist() == softmax(x).tolist()


def test_a_call_between_two_replies_gets_its_own_reply_and_the_others_theirs(executor):
    numbers = [-n for n in range(90)]
    x = np.array([[-5, -6]], np.float32)
    found = []
    for reply in executor.run_all(asking_softmax(*numbers)):
        found.append(to_numpy(reply.results[0])[0].tolist())
        if len(found) % 20 == 0:
            assert to_numpy(executor.run(asking(x)).results[0]).tolist() == softmax(x).tolist()
    assert found == [softmax(np.array([[n, -n, 0.5]], np.float32))[0].tolist() for n in numbers]


def test_what_the_iterable_raises_comes_after_the_replies_to_what_it_gave(executor):
    def requests():
        yield from asking_softmax(0, -1, -2)
        raise LookupError("no more")

    seen = []
    with pytest.raises(LookupError, match="no more"):
        seen.extend(r.fault for r in executor.run_all(requests()))
    replies = executor.run_all(requests())
    assert [next(replies).fault for _ in range(3)] == [None] * 3
    with pytest.raises(LookupError, match="no more"):
        next(replies)


def test_a_closed_executor_answers_no_further():
    executor = ProcessExecutor(softmax, KEYWORDS)
    replies = executor.run_all(asking_softmax(0, -1, -2, -3))
    next(replies)
    executor.close()
    with pytest.raises(ValueError, match="closed"):
        list(replies)
    with pytest.raises(ValueError, match="closed"):
        list(executor.run_all(asking_softmax(0)))


@pytest.mark.parametrize("start", ["zygote", "spawn"])
def test_large_arguments_and_results_keep_their_bytes(start):
    """Results that need more room, and shared memory that grows while calls are under way."""

    def softmax(x):
        return np.repeat(x, 40, axis=1) if x[0, 0] % 3 == 1 else x * 2

    arrays = [np.full((n % 7 * 1500 + 1, 20), n, np.float32) for n in range(40)]
    with ProcessExecutor(softmax, KEYWORDS, start=start) as executor:
        for x, reply in zip(arrays, executor.run_all(map(asking, arrays)), strict=True):
            assert np.array_equal(to_numpy(reply.results[0]), softmax(x))
            assert reply.after == {}


def test_written_arguments_are_seen_for_each_call():
    def softmax(x):
        if x[0, 0] % 2:
            x[0, 1] = 7
        return np.ones_like(x)

    with ProcessExecutor(softmax, KEYWORDS) as executor:
        replies = list(executor.run_all(asking_softmax(*range(20))))
    assert [list(r.after) for r in replies] == [[], [0]] * 10
    assert np.frombuffer(replies[1].after[0], np.float32).tolist() == [1, 7, 0.5]


def test_an_argument_that_the_subject_kept_holds_the_arguments_of_the_next_call():
    """As with a caller that uses its memory again: a subject that keeps no copy is found out, ahead or not."""
    kept = []

    def softmax(x):
        kept.append(x)
        return kept[0] * 1.0

    with ProcessExecutor(softmax, KEYWORDS) as executor:
        replies = executor.run_all(asking_softmax(*range(20)))
        assert [to_numpy(r.results[0])[0, 0] for r in replies] == list(range(20))


def test_the_subject_computes_while_nobody_asks_for_replies(tmp_path):
    log = tmp_path / "calls"

    def softmax(x):
        with open(log, "a") as file:
            file.write("x")
        return x

    with ProcessExecutor(softmax, KEYWORDS) as executor:
        replies = executor.run_all(asking_softmax(*[0] * 100))
        for _ in range(20):
            next(replies)
        deadline = time.monotonic() + PATIENCE
        while log.stat().st_size < 20 + WINDOW // 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        called = log.stat().st_size
        replies.close()
        assert 20 + WINDOW // 4 <= called < 100


def test_requests_that_were_not_sent_are_not_called(tmp_path):
    log = tmp_path / "calls"

    def softmax(x):
        with open(log, "a") as file:
            file.write("x")
        return x

    with ProcessExecutor(softmax, KEYWORDS) as executor:
        replies = executor.run_all(asking_softmax(0))
        assert next(replies).fault is None
        assert next(replies, None) is None
        assert executor.run(asking_softmax(1)[0]).fault is None
        replies = executor.run_all(asking_softmax(*[0] * 50))
        assert executor.run(asking_softmax(1)[0]).fault is None
        replies.close()
    assert log.stat().st_size == 3


def test_the_clock_of_a_call_starts_when_the_one_before_is_answered(executor):
    def softmax(x):
        time.sleep(0.1)
        return x

    with ProcessExecutor(softmax, KEYWORDS, timeout=0.6, start_timeout=PATIENCE) as slow:
        assert [r.fault for r in slow.run_all(asking_softmax(*[0] * 8))] == [None] * 8


def test_a_call_beyond_its_limit_is_a_hang_also_while_nobody_waits(tmp_path):
    done = tmp_path / "done"

    def softmax(x):
        if x[0, 0] == 1:
            time.sleep(0.6)
            done.touch()
        return x

    with ProcessExecutor(softmax, KEYWORDS, timeout=0.5, start_timeout=PATIENCE) as executor:
        replies = executor.run_all(asking_softmax(0, 1, 0))
        assert next(replies).fault is None
        while not done.exists():
            time.sleep(0.01)
        time.sleep(0.1)
        late = next(replies)
        assert late.fault.kind is FaultKind.HANG
        assert late.fault.message == "no result within 0.5 s"
        assert next(replies).fault is None


def test_what_the_library_cannot_express_is_not_sent(executor, monkeypatch):
    monkeypatch.setattr(process, "inexpressible", lambda *a: "no twos" if a[2][0].shape[1] == 2 else "")
    shapes = [3, 2, 2, 3, 2, 3]
    replies = list(executor.run_all(asking(np.zeros((1, n), np.float32)) for n in shapes))
    assert [r.fault and (str(r.fault.kind), r.fault.message) for r in replies] == [
        ("unsupported", "no twos") if n == 2 else None for n in shapes
    ]


@pytest.mark.skipif(os.name == "nt", reason="signals are sent the POSIX way")
def test_after_ctrl_c_in_the_middle_the_next_call_gets_its_own_reply():
    harness = os.getpid()

    def softmax(x):
        if x[0, 0] == 1:
            os.kill(harness, signal.SIGINT)
        return x

    with ProcessExecutor(softmax, KEYWORDS) as executor:
        zero, one = asking_softmax(0, 1)
        endless = itertools.chain([zero] * 10, [one], itertools.repeat(zero))
        with pytest.raises(KeyboardInterrupt):
            deque(executor.run_all(endless), maxlen=0)
        x = np.array([[-5, -6]], np.float32)
        assert to_numpy(executor.run(asking(x)).results[0]).tolist() == [[-5, -6]]
        assert executor.deaths == 0


def test_a_subject_that_answers_the_calls_that_lie_ahead_of_it_breaks_the_protocol():
    """It reads the requests that were sent ahead, numbers and all, and sends an answer to each at once."""

    def softmax(x):
        if x[0, 0] == 1:
            own = hostile.request()["call"]
            for message in hostile.ahead():
                hostile.forge(call=message["call"])
            assert own
        return x

    with ProcessExecutor(softmax, KEYWORDS, timeout=PATIENCE, deaths_limit=100) as executor:
        kinds = [r.fault and r.fault.kind for r in executor.run_all(asking_softmax(0, 0, 0, 0, 1, 0, 0, 0))]
    assert kinds == [None] * 4 + [FaultKind.PROTOCOL] + [None] * 3
