"""Describing subjects where they may run, and opening the executor that fits."""

import subprocess
import sys
import threading

import numpy as np
import pytest
from tests.harness.executors.calls import asking

from softcert.executors import describe, open_executor
from softcert.executors.protocol import to_numpy
from softcert_implementations.resolving import entry_points
from softcert_oracle.errors import UsageError


def test_closures_travel_by_value():
    shift = np.float32(3)

    def softmax(x):
        return x + shift

    with open_executor(describe(softmax, arrays="numpy")) as executor:
        assert to_numpy(executor.run(asking(np.zeros((1, 2), np.float32))).results[0]).tolist() == [[3, 3]]


def test_what_cannot_travel_is_refused_with_advice():
    lock = threading.Lock()
    with pytest.raises(UsageError, match="isolation='none'"):
        describe(lambda x: lock and x, op="softmax")


def test_a_users_file_is_never_imported_by_the_harness(tmp_path):
    (tmp_path / "mine_alone.py").write_text(
        "import os\nPARENT = os.getppid()\n\ndef softmax(x):\n    return x * 0 + (os.getpid() % 1000)\n"
    )
    subject = describe(f"{tmp_path}/mine_alone.py:softmax")
    assert list(subject.ops) == ["softmax"]
    assert subject.arrays == "numpy"
    assert subject.dtypes == ("float32", "float64")
    assert "operation softmax, from the name 'softmax'" in subject.inferred
    assert "mine_alone" not in sys.modules
    with pytest.raises(UsageError, match="runs in a process of its own"):
        subject.ops["softmax"](np.zeros((1, 2)))
    with open_executor(subject) as executor:
        assert executor.run(asking(np.zeros((1, 2), np.float32))).fault is None
    assert "mine_alone" not in sys.modules


def test_a_script_needs_no_main_guard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import numpy as np\n"
        "from softcert.executors import describe, open_executor\n"
        "from softcert.executors.protocol import Array, Request, to_numpy\n"
        "print('once')\n"
        "factor = 2\n"
        "def softmax(x):\n"
        "    return x * factor\n"
        "with open_executor(describe(softmax)) as executor:\n"
        "    x = Array.of(np.ones((1, 2), np.float32))\n"
        "    asked = Request(operation='softmax', format='float32', arrays=(x,))\n"
        "    reply = executor.run(asked)\n"
        "    print(to_numpy(reply.results[0]).tolist())\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout == "once\n[[2.0, 2.0]]\n"


def test_an_unknown_isolation_names_the_known_ones():
    with pytest.raises(UsageError, match="Accepted: process, none"):
        open_executor(entry_points.load("naive"), "docker")
