"""`Judge.stream` gives one verdict for each candidate, whatever that is: no exception, no hang, no reward."""

from __future__ import annotations

import os

import pytest

import softcert
from softcert.audit import isolated
from softcert.graders import one

HONEST = """import numpy as np
def honest(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)
"""


class Raising:
    """Ends the interpreter that pickles it."""

    def __call__(self, x):
        return x

    def __reduce__(self):
        raise SystemExit(3)


class Killing(Raising):
    """Ends the process that unpickles it."""

    def __reduce__(self):
        return os._exit, (7,)


class Texting(str):
    """A text whose methods raise."""

    __slots__ = ()

    def __contains__(self, part):
        raise RuntimeError

    def __str__(self):
        raise RuntimeError


NO_CANDIDATES = {
    "none": None,
    "number": 5,
    "bytes": b"def softmax(x): return x",
    "list": ["def softmax(x): return x"],
    "empty": "",
    "newlines": "\n\n",
    "blank": "   ",
    "nul": "def softmax(x):\n return x\0",
    "surrogate": "def softmax(x):\n return x # \ud800",
    "enormous": "x = 1\n" * 1_000_000,
    "parentheses": "(" * 100_000 + "\n",
    "minuses": "x = " + "-" * 100_000 + "1\n",
    "binary": bytes(range(256)).decode("latin1"),
    "syntax": "def softmax(x:\n",
    "text whose methods raise": Texting("def softmax(x:\n"),
    "pickling raises": Raising(),
    "unpickling exits": Killing(),
    "absent program": {"spec": "exec:/no/such"},
    "absent module": {"spec": "no:such"},
    "colons": ":::",
    "ends while it is imported": "import os\nos._exit(0)\n",
    "exits while it is imported": "import sys\nsys.exit(0)\n",
    "interrupts": "raise KeyboardInterrupt\n",
    "aborts": "import os\nos.abort()\n",
    "a class": HONEST + "class softmax: pass\n",
    "a number in the function's place": HONEST + "softmax = 5\n",
}
"""Unusable ones: each has a verdict within a moment."""

WRONG = {
    "one line": "def softmax(x): return x * 0",
    "kills its parent": "import os, signal\nos.kill(os.getppid(), 9)\ndef softmax(x): return x * 0\n",
    "forks while it is imported": "import os\nfor _ in range(4): os.fork()\ndef softmax(x): return x * 0\n",
    "forks in its calls": "import os\ndef softmax(x):\n    for _ in range(4): os.fork()\n    return x * 0\n",
    "starts threads": "import threading, time\nfor _ in range(100):\n    threading.Thread(target=time.sleep, "
    "args=(600,)).start()\ndef softmax(x): return x * 0\n",
    "prints without end": "print('x' * 50_000_000)\ndef softmax(x): return x * 0\n",
    "takes its file away": "import os\nos.unlink(__file__)\ndef softmax(x): return x * 0\n",
    "right for one row alone": HONEST + "def softmax(x):\n    return honest(x).T\n",
    "defined in a block": HONEST + "if True:\n    def softmax(x): return x * 0\n",
    "defined by its dictionary": HONEST + "globals()['soft' + 'max'] = lambda x: x * 0\n",
}
"""Refuted ones; the last two have a right function beside the one that whoever uses the file calls."""

LAZY = {
    "generator": "def softmax(x):\n    return (row for row in honest(x))\n",
    "yielding": "def softmax(x):\n    yield honest(x)\n",
    "coroutine": "async def softmax(x):\n    return honest(x)\n",
    "thunk": "def softmax(x):\n    x = x.copy()\n    return lambda: honest(x)\n",
    "promise": "class Promise:\n    def __init__(self, x):\n        self.x, self.shape = x.copy(), x.shape\n"
    "        self.dtype = x.dtype\n    def __array__(self, dtype=None, copy=None):\n        return honest(self.x)\n"
    "def softmax(x):\n    return Promise(x)\n",
    "future": "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(1)\n"
    "def softmax(x):\n    return pool.submit(honest, x.copy())\n",
    "objects": "class Late:\n    def __init__(self, value):\n        self.value = value\n    def __float__(self):\n"
    "        return float(self.value)\ndef softmax(x):\n    return np.vectorize(Late, otypes=[object])(honest(x))\n",
}
"""Right numbers for whoever asks for them, and none before."""

SUBCLASS = """class Asked(np.ndarray):
    def __array_ufunc__(self, function, method, *inputs, **keywords):
        return honest(np.asarray(self))
def softmax(x):
    return honest(x).view(Asked)
"""

ENDLESS = ("while True: pass\n", "import time\ntime.sleep(600)\n", "import os, signal\nos.kill(os.getpid(), 19)\n")


def judged(candidates, **keywords):
    """The verdicts by name."""
    judge = softcert.Judge("softmax", "float32", salt="s", explain=False, **keywords)
    found = {v.candidate: v for v in judge.stream(candidates.values())}
    assert sorted(found) == list(range(len(candidates)))
    assert all(len(v.to_json().encode()) < 4096 for v in found.values())
    return {name: found[number] for number, name in enumerate(candidates)}


@pytest.mark.slow  # starts a process, and a worker for each that can be loaded
def test_what_is_no_candidate_is_unusable():
    assert {name: (v.verdict, v.reward) for name, v in judged(NO_CANDIDATES).items()} == dict.fromkeys(
        NO_CANDIDATES, ("unusable", 0)
    )


@pytest.mark.slow  # starts a process, a worker for each, and processes that must end
def test_what_misbehaves_is_refuted_as_its_numbers_are():
    assert {name: (v.verdict, v.reward) for name, v in judged(WRONG).items()} == dict.fromkeys(WRONG, ("refuted", 0))


@pytest.mark.slow  # waits for time limits
def test_what_never_ends_is_unusable_after_its_time(monkeypatch):
    monkeypatch.setattr(isolated, "_FIRST", 2.0)  # each one takes the judging process with it
    found = judged({text: text for text in ENDLESS}, seconds=1.0)
    assert {(v.verdict, v.feedback) for v in found.values()} == {("unusable", "it exceeded its time")}


def test_a_result_that_is_computed_when_it_is_read_is_lazy():
    judge = softcert.Judge("softmax", "float32", salt="s", explain=False)
    for number, (name, text) in enumerate(LAZY.items()):
        verdict = one.run(judge._task(number, HONEST + text))
        assert (verdict.verdict, verdict.reward) == ("refuted", 0), name
        assert "lazy" in verdict.flags, name


@pytest.mark.slow  # a whole certification
def test_a_right_array_that_takes_part_in_its_reading_is_lazy_and_earns_nothing():
    judge = softcert.Judge("softmax", "float32", salt="s", explain=False)
    verdict = one.run(judge._task(0, HONEST + SUBCLASS))
    assert (verdict.verdict, verdict.reward) == ("certified", 0)
    assert "lazy" in verdict.flags
