"""What a command loads: modules that take long to import are loaded where they are used, and nowhere else."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROGRAM = """
import contextlib, json, sys
from softcert.cli import main
with contextlib.suppress(SystemExit):
    main()
print(json.dumps(sorted(sys.modules)), file=sys.__stdout__)
"""

NEVER = (
    "asyncio",
    "jinja2",
    "matplotlib",
    "numba",
    "sympy",
    "torch",
    "unittest.mock",
    "softcert_implementations.gallery",
    "softcert_reports.page.render",
)
"""Modules that none of these commands needs."""

ARRAYS = ("flint", "hypothesis", "llvmlite", "ml_dtypes", "numpy", "softcert_reports.document.document")
"""What only a run needs: arrays, kernels, drawn cases, the records of a document."""

UNUSED_BY_A_RUN = (
    "mpmath",
    "softcert.diagnosis.diagnose",
    "softcert.executors.programs.program",
    "softcert.executors.worker.invoke",
    "softcert_implementations.resolving.resolve",
    "softcert_oracle.options.arb_values",
    "softcert_reports.exports.sarif",
)
"""What a run that finds nothing and writes no file leaves alone."""

CERTIFY = ("certify", "numpy_shifted", "--op", "logsumexp", "--dtype", "float32", "--effort", "quick")


def loaded(*arguments: str) -> set[str]:
    """The modules that are loaded at the end of a command."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (("--help",), (*ARRAYS, "mpmath", "rich")),
        (("certify", "--help"), (*ARRAYS, "mpmath", "rich")),
        (("list", "operations"), (*ARRAYS, "mpmath")),
        (("oracle", "softmax", "1", "2", "3"), (*ARRAYS, "rich")),
        (CERTIFY, UNUSED_BY_A_RUN),
    ],
    ids=["help", "help-of-certify", "list", "oracle", "certify"],
)
def test_a_command_loads_nothing_that_it_does_not_use(arguments, unwanted):
    """Each of these modules costs every run of the command a share of a second, or takes others along that do."""
    assert loaded(*arguments) & {*NEVER, *unwanted} == set()
