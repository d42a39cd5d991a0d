"""The worker: it loads a subject from its payload, describes it as plain data, and limits its own memory."""

import json
import subprocess
import sys

import numpy as np
import pytest
from tests.harness.executors.calls import KEYWORDS, asking

from softcert.executors.pickling import dump
from softcert.executors.process import ProcessExecutor
from softcert.executors.protocol import to_numpy
from softcert.executors.transport.messages import put_request
from softcert.executors.worker.serve import described, load_subject
from softcert.executors.worker_starters import Memory, Spawner, Zygote

FIRST = {"folder": ".", "memory_limit": None, "known": {}}


@pytest.fixture(params=[Zygote, Spawner])
def worker(request):
    """The memory and the channel of a worker that has loaded nothing yet."""
    memory = Memory(named=request.param is Spawner)
    starter = request.param(memory, ())
    worker = starter.worker(60)
    yield memory, worker.channel
    worker.channel.close()
    starter.close()
    memory.close()


def first(**fields):
    return {**FIRST, "path": sys.path, "environment": {"PATH": "/bin", "ONLY": "this"}, **fields}


def test_a_worker_tells_the_subject_that_it_has_loaded(worker):
    _, channel = worker
    channel.send(first(), dump("numpy_shifted", {"dtypes": "float32"}))
    message, _ = channel.receive(60)
    assert message["ready"]["name"] == "numpy_shifted"
    assert message["ready"]["dtypes"] == ["float32"]
    assert message["ready"]["homes"]["softmax"] == "softcert_implementations.bundled.numpy_shifted:softmax"


def test_facts_that_are_known_are_not_described_again(worker):
    _, channel = worker
    known = {"arrays": "numpy", "dtypes": ["float32"], "batched": True}
    channel.send(first(known=known), dump("numpy_shifted", {}))
    message, _ = channel.receive(60)
    assert message["ready"] is None


def test_a_usage_error_is_told_apart_from_the_subjects_own(worker, tmp_path):
    _, channel = worker
    channel.send(first(), dump("nave", {}))
    message, _ = channel.receive(60)
    assert message["usage"]
    assert "naive" in message["error"]


def test_what_loading_raises_is_a_fault(worker, tmp_path):
    (tmp_path / "broken.py").write_text("print('text')\nimport sys\nsys.exit(7)\n")
    _, channel = worker
    channel.send(first(), dump(f"{tmp_path}/broken.py:softmax", {}))
    message, _ = channel.receive(60)
    assert not message["usage"]
    assert message["error"][:2] == ["exit", "the subject called sys.exit(7)"]
    assert message["observations"] == [["stdout", "text\n"]]


def test_the_subject_sees_the_harness_environment_alone(worker):
    def softmax(x):
        import os

        raise RuntimeError(sorted(set(os.environ) - {"LC_CTYPE"}))

    memory, channel = worker
    channel.send(first(), dump(softmax, KEYWORDS))
    assert channel.receive(60)[0]["ready"]["ops"] == ["softmax"]
    message = put_request(asking(np.zeros((1, 2), np.float32)), memory.requests)
    channel.send({**message, "reply": [*memory.replies.place(), 0, 1 << 16], "call": 7})
    answer, _ = channel.receive(60)
    assert answer["fault"][1] == "RuntimeError: ['ONLY', 'PATH', 'SOFTCERT_WORKER']"


def test_a_reply_that_does_not_fit_asks_for_room(worker):
    def softmax(x):
        return np.zeros(1 << 17)

    memory, channel = worker
    channel.send(first(), dump(softmax, KEYWORDS))
    assert "ready" in channel.receive(60)[0]
    message = put_request(asking(np.zeros((1, 2), np.float32)), memory.requests)
    channel.send({**message, "reply": [*memory.replies.place(), 0, 1 << 16], "call": 7})
    assert channel.receive(60)[0] == {"room": 1 << 20}
    channel.send({"reply": None})
    answer, _ = channel.receive(60)
    assert answer["fault"][0] == "result"
    assert "1048576 bytes" in answer["fault"][1]


def test_a_payload_becomes_the_subject_and_the_subject_plain_data():
    subject, trials = load_subject(dump("naive", {"op": "softmax"}), {"dtypes": ("float64",), "op": "logsumexp"})
    assert trials == []  # a registered implementation says everything itself
    assert (list(subject.ops), subject.dtypes) == (["softmax"], ("float64",))
    data = described(subject)
    assert json.loads(json.dumps(data))["ops"] == ["softmax"]
    assert set(data["digests"]) == {"softmax"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces the limit")
def test_the_memory_limit_counts_from_the_memory_in_use():
    code = (
        "import numpy as np\n"
        "from softcert.executors.worker.serve import limit_memory\n"
        "held = np.ones(300 << 20, np.uint8)\n"
        "limit_memory(200 << 20)\n"
        "more = np.ones(100 << 20, np.uint8)\n"
        "try:\n"
        "    np.ones(400 << 20, np.uint8)\n"
        "except MemoryError:\n"
        "    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_a_result_that_is_not_written_to_its_end_shows_nan():
    def softmax(x):
        result = np.empty_like(x)
        result[:, :1] = 1
        return result

    with ProcessExecutor(softmax, KEYWORDS) as executor:
        values = [to_numpy(executor.run(asking(np.ones((200, 100), np.float32))).results[0]) for _ in range(3)]
    assert all(np.isnan(v[:, 1:]).any() for v in values)
