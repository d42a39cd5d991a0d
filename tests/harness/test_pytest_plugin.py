"""The pytest plug-in: items by property, strict known failures, and nothing loaded in runs that do not use it."""

import re
import subprocess
import sys

import numpy as np
import pytest

from softcert.pytest_plugin import Check, InconclusiveError, PropertyFailedError, Subject, parametrize_with_checks
from softcert_implementations.adapters import UnsupportedError
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError

KEYWORDS = {"effort": "quick", "dtypes": "float32", "isolation": "none"}


def softmax(x):
    return np.zeros_like(x)


ZEROS = Implementation("zeros", {"softmax": softmax}, ("float32",), batched=True, max_classes=4, max_rows=2)


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


def right(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def never(x):
    raise UnsupportedError("not in this release")


def subject(name, ops=None, **claims):
    return Implementation(name, ops or {"softmax": right}, ("float32",), batched=True, **claims)


NOTHING_PROVEN = {
    "one class": subject("one_class", max_classes=1),
    "no rows": subject("no_rows", max_rows=0),
    "equal logits": subject("equal_logits", max_abs_logit=0, max_classes=8),
    "vacuous limits": Implementation(
        "vacuous", {"softmax": right}, ("float8_e5m2",), batched=True, max_classes=8, working_precision="float8_e5m2"
    ),
}


@pytest.mark.parametrize("name", NOTHING_PROVEN)
def test_no_item_is_green_or_an_expected_failure_where_nothing_is_proven(name):
    """Where certify exits with 3, each item fails, so that no selection by -k or --deselect is green."""
    tried = Subject(NOTHING_PROVEN[name], {"effort": "quick", "isolation": "none"})
    assert tried.certificate.document.exit_code == 3
    for check in tried.checks():
        with pytest.raises(InconclusiveError):
            check()


def test_an_operation_that_never_ran_fails_in_each_of_its_items_and_in_the_complete_one():
    """The other operation keeps its own items: it was run and holds its level."""
    tried = Subject(subject("half", {"softmax": right, "logsumexp": never}, max_classes=8), KEYWORDS)
    assert tried.certificate.document.exit_code in (1, 3)
    for check in tried.checks():
        if check.operation == "softmax":
            _passes_or_skips(check)
        elif check.operation == "logsumexp" or check.property == "complete":
            with pytest.raises((InconclusiveError, PropertyFailedError)):
                check()


def _passes_or_skips(check):
    try:
        check()
    except pytest.skip.Exception:
        return


def test_the_items_of_a_certified_subject_pass_or_are_skipped_and_the_contract_is_told():
    """Green where certify is: and what the contract leaves goes with the outcome."""
    tried = Subject(subject("few_classes", max_classes=8), KEYWORDS)
    assert tried.contract_line() == ""
    for check in tried.checks():
        _passes_or_skips(check)
    assert tried.contract_line().startswith("few_classes: contract: ")
    assert tried.contract_line().endswith(" % of the default domain")


@pytest.mark.parametrize(
    ("subjects", "keywords", "words"),
    [
        ([], {}, "nothing would be checked"),
        (iter(()), {}, "nothing would be checked"),
        ([subject("one")], {"ops": ["logsumexp"]}, "logsumexp"),
        ([subject("one")], {"ops": []}, "softmax"),
        ([subject("one")], {"ops": "log_softmax"}, "log_softmax"),
        ([subject("one")], {"ops": ["sotfmax"]}, "Did you mean 'softmax'"),
        ([subject("one")], {"effort": "quik"}, "quick"),
    ],
)
def test_what_leaves_nothing_to_check_is_wrong_use(subjects, keywords, words):
    """An empty list, operations that the subject lacks and unknown keywords give no empty, green test."""
    with pytest.raises(UsageError, match=words):
        parametrize_with_checks(subjects, **{**KEYWORDS, **keywords})


def test_operations_are_found_by_their_aliases_and_one_name_may_stand_alone():
    """The alias of an operation selects its checks, and "softmax" is no part of "log_softmax"."""
    two = subject("two", {"softmax": right, "logsumexp": never})
    assert Subject(two, {**KEYWORDS, "ops": ["lse"]}).operations == ("logsumexp",)
    assert Subject(two, {**KEYWORDS, "ops": "softmax"}).operations == ("softmax",)


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


def test_a_subject_that_cannot_be_loaded_is_a_usage_error(tmp_path):
    """No traceback of the plug-in, and never green."""
    (tmp_path / "mine_broken.py").write_text("import os\nos._exit(3)\n")
    done = run_pytest(tmp_path, "--certify", "mine_broken.py:softmax", "-k", "order")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout + done.stderr
    assert "while the subject was loaded" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_selection_of_an_inconclusive_subject_is_red_and_the_contract_is_told(tmp_path):
    """Deselecting the item "complete" makes nothing green, and an expected failure does not cover it."""
    (tmp_path / "test_mine.py").write_text(
        "import numpy as np\n"
        "from softcert import Implementation, parametrize_with_checks\n"
        "mine = Implementation('mine', {'softmax': np.ones_like}, ('float32',), batched=True, max_classes=1)\n"
        "@parametrize_with_checks([mine], effort='quick', isolation='none', expected_failures={'accuracy': 'known'})\n"
        "def test_it(check):\n"
        "    check()\n"
    )
    done = run_pytest(tmp_path, "test_mine.py", "-k", "accuracy and not sound and not relative")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "1 failed" in done.stdout
    assert re.search(r"mine: contract: \d\.\d % of the default domain; nothing is proven of softmax", done.stdout)


def test_other_runs_of_pytest_load_nothing_of_softcert(tmp_path):
    (tmp_path / "test_other.py").write_text(
        "import sys\n"
        "def test_light():\n"
        "    ours = {m for m in sys.modules if m.startswith('softcert')}\n"
        "    options = {'softcert.audit', 'softcert.audit.options'}\n"
        "    assert ours <= {'softcert', 'softcert.pytest_plugin', *options}\n"
        "    assert 'numpy' not in sys.modules\n"
    )
    done = run_pytest(tmp_path, "-p", "no:hypothesispytest", "test_other.py")
    assert done.returncode == 0, done.stdout


def test_what_is_deselected_is_not_run():
    """The check "complete" looks at everything; without it the other operation is not called."""
    called = []

    def counted(x):
        called.append(1)
        return right(x)

    def tried():
        return Subject(subject("two", {"softmax": right, "log_softmax": counted}, max_classes=4, max_rows=2), KEYWORDS)

    chosen = tried()
    chosen.select([check for check in chosen.checks() if check.operation == "softmax"])
    assert list(chosen.certificate.levels) == ["softmax"]
    called_by_relations = len(called)
    everything = tried()
    everything.select([check for check in everything.checks() if check.property == "complete"])
    assert list(everything.certificate.levels) == ["softmax", "log_softmax"]
    assert len(called) - called_by_relations > called_by_relations
