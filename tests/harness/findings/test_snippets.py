"""Code to copy: with softcert, and without it."""

from __future__ import annotations

import ast
import subprocess
import sys

import numpy as np
import pytest
from tests.harness.building import session_of

from softcert import Implementation
from softcert.cases.case import Case
from softcert.findings.collect import collect
from softcert.findings.snippets import command, snippet
from softcert_implementations.bundled import naive
from softcert_oracle.levels import Level

CASE = Case.of("ordinary", 2, 5, "float32", (("scale", 300.0),))


def finding_of(case=CASE):
    session = session_of(naive.softmax)
    list(session.run_battery([case], lambda done, total: None))
    return collect(session, "naive", Level.STABLE)[0]


def test_the_snippet_runs_without_softcert_s_harness_and_shows_the_difference():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", snippet(naive.IMPLEMENTATION, finding_of())],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "got: " in done.stdout
    assert "nan" in done.stdout
    assert "exact (row 0):" in done.stdout


def test_a_function_that_cannot_be_imported_leaves_a_place_to_fill():
    mine = Implementation("mine", {"softmax": lambda x: x}, ("float32",))
    assert "subject = ...  # put the softmax of 'mine' here" in snippet(mine, finding_of())


def test_a_large_witness_and_one_with_options_have_no_snippet():
    finding = finding_of()
    from dataclasses import replace

    from tests.harness.building import rows_case

    from softcert.cases.call import build_call
    from softcert.cases.inputs import build
    from softcert.findings.shrink import Witness

    large = build_call("softmax", build(rows_case(np.zeros((1, 300)), [0])))
    masked = build_call("softmax", build(rows_case([[0.0, 1.0]], [0], options=(("temperature", 2.0),))))
    for call in (large, masked):
        assert snippet(naive.IMPLEMENTATION, replace(finding, witness=Witness(call, finding.check))) == ""


def test_the_command_repeats_the_case():
    finding = finding_of()
    text = command(naive.IMPLEMENTATION, finding)
    assert repr(finding.case.to_json()) in text
    assert '"softmax"' in text
    compile(text, "command", "exec")


def test_the_command_repeats_what_the_run_was_told(tmp_path):
    """A function whose name says nothing, with a contract: the printed code runs as it stands."""
    (tmp_path / "kernel.py").write_text(
        "import numpy as np\n\ndef mine(x):\n    e = np.exp(x)\n    return e / e.sum(-1)[:, None]\n"
    )
    claims = {"max_abs_logit": 1e30, "special_values": {"all -inf": "nan"}}
    subject = Implementation("mine", {"softmax": naive.softmax}, ("float32",), spec="kernel.py:mine", **claims)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", command(subject, finding_of())],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "gives nan" in done.stdout, done.stderr


@pytest.mark.parametrize("spec", ["mine", '", __import__("os").system("touch x"))#:f', "a.py:<lambda>"])
def test_a_spec_is_a_text_in_the_command_and_never_code(spec):
    """Whatever a SPEC holds, the command compiles, and names nothing that it does not call."""
    text = command(Implementation("mine", {"softmax": naive.softmax}, ("float32",), spec=spec), finding_of())
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    assert names <= {"rerun", "case", "subject", "my_implementation", "print"}
    assert ("my_implementation = ..." in text) == (":f" not in text)


def test_a_module_name_that_is_no_name_is_not_imported():
    """The module of a function is the subject's own word: it must not put code into the script."""

    def forged(x):
        return x

    forged.__module__, forged.__qualname__ = "os; import evil", "forged"
    mine = Implementation("mine", {"softmax": forged}, ("float32",))
    assert "evil" not in snippet(mine, finding_of())
