"""The pytest plug-in: items by property, strict known failures, and nothing loaded in runs that do not use it."""

import subprocess
import sys

import numpy as np
import pytest

from softcert.pytest_plugin import Check, PropertyFailedError, Subject, parametrize_with_checks
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError

KEYWORDS = {"effort": "quick", "dtypes": "float32", "isolation": "none"}


def softmax(x):
    return np.zeros_like(x)


ZEROS = Implementation("zeros", {"softmax": softmax}, ("float32",), batched=True, max_classes=64)


@pytest.fixture(scope="module")
def zeros():
    return Subject(ZEROS, KEYWORDS)


def test_items_are_named_by_subject_operation_format_and_property(zeros):
    names = [check.id for check in zeros.checks()]
    assert "zeros-softmax-float32-accuracy" in names
    assert "zeros-softmax-float32-sum_to_one" in names
    assert names[-1] == "zeros-complete"
    assert len(names) == len(set(names))


def test_a_softmax_of_zeros_fails_its_accuracy_and_keeps_its_shape(zeros):
    checks = {check.property: check for check in zeros.checks()}
    for name in ("accuracy", "sum_to_one"):
        with pytest.raises(PropertyFailedError, match="softmax of"):
            checks[name]()
    checks["result_shape"]()
    checks["complete"]()


def test_known_failures_become_strict_xfails_by_the_most_specific_key():
    mark = parametrize_with_checks(
        [ZEROS], expected_failures={"accuracy": "zeros", "softmax/float32/accuracy": "all zeros"}, **KEYWORDS
    )
    parameters = {p.id: p for p in mark.args[1]}
    (xfail,) = parameters["zeros-softmax-float32-accuracy"].marks
    assert xfail.kwargs == {"reason": "all zeros", "raises": PropertyFailedError, "strict": True}
    assert parameters["zeros-softmax-float32-range"].marks == []


def test_an_expected_failure_that_names_no_check_is_refused():
    with pytest.raises(UsageError, match="Did you mean 'accuracy'"):
        parametrize_with_checks([ZEROS], expected_failures={"acuracy": "?"}, **KEYWORDS)
    with pytest.raises(UsageError, match="unknown expected failure"):
        parametrize_with_checks([ZEROS], expected_failures={"logsumexp/accuracy": "?"}, **KEYWORDS)


def test_a_check_says_which_one_it_is(zeros):
    assert repr(Check(zeros, "softmax", "float32", "order")) == "Check(zeros-softmax-float32-order)"


def run_pytest(folder, *arguments):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={folder}", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_command_line_adds_items_that_can_be_selected(tmp_path):
    (tmp_path / "mine_zero.py").write_text("def softmax(x):\n    return x * 0\n")
    spec = "mine_zero.py:softmax"
    listed = run_pytest(tmp_path, "--certify", spec, "--collect-only", "-k", "float64 and order")
    assert "certify[softmax-softmax-float64-order]" in listed.stdout, listed.stdout + listed.stderr
    assert "float32" not in listed.stdout


def test_a_wrong_spec_is_a_usage_error(tmp_path):
    done = run_pytest(tmp_path, "--certify", "nave")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "Did you mean 'naive'?" in done.stdout + done.stderr


def test_other_runs_of_pytest_load_nothing_of_softcert(tmp_path):
    (tmp_path / "test_other.py").write_text(
        "import sys\n"
        "def test_light():\n"
        "    ours = {m for m in sys.modules if m.startswith('softcert')}\n"
        "    assert ours <= {'softcert', 'softcert.pytest_plugin'}\n"
        "    assert 'numpy' not in sys.modules\n"
    )
    done = run_pytest(tmp_path, "-p", "no:hypothesispytest", "test_other.py")
    assert done.returncode == 0, done.stdout
