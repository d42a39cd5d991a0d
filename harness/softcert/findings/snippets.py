"""Code to copy: a finding shown again with softcert, and shown without it, in the array library and mpmath alone."""

from __future__ import annotations

import textwrap

from softcert.executors import sources
from softcert.findings.collect import FindingEvidence
from softcert_implementations.implementation import Implementation

_LARGEST_WRITTEN = 256  # elements that a snippet writes out; a larger witness is rebuilt from its recipe

_EXACT = {
    "softmax": "[e / s for e in es]",
    "log_softmax": "[mpmath.log(e / s) for e in es]",
    "logsumexp": "mpmath.log(s)",
    "cross_entropy": "-mpmath.log(es[label] / s)",
    "cross_entropy_grad": "[e / s - (j == label) for j, e in enumerate(es)]",
}


def command(implementation: Implementation, finding: FindingEvidence) -> str:
    """The same call again, through softcert's Python interface."""
    subject = (
        f'"{implementation.spec}"' if implementation.spec else "my_implementation  # the Implementation or function"
    )
    return textwrap.dedent(
        f"""\
        from softcert import rerun

        case = {finding.case.to_json()!r}
        print(rerun({subject}, "{finding.operation}", case))
        """
    )


def snippet(implementation: Implementation, finding: FindingEvidence) -> str:
    """A script that needs only the subject, its array library and mpmath; "" where the witness is too large."""
    x = finding.witness.inputs.exact
    if x.size > _LARGEST_WRITTEN or x.size == 0 or finding.operation not in _EXACT or finding.case.options:
        return ""
    rows = ",\n    ".join("[" + ", ".join(f'h("{float(v).hex()}")' for v in row) + "]" for row in x)
    labelled = finding.operation.startswith("cross_entropy")
    labels = f"labels = np.array({[int(v) for v in finding.witness.inputs.labels]})\n" if labelled else ""
    index = finding.check.index
    row = index[0] if index and index[0] < len(x) else 0
    return (
        "import mpmath\nimport numpy as np\n"
        + ("import ml_dtypes\n" if finding.format not in ("float16", "float32", "float64") else "")
        + "\nh = lambda text: np.inf if text == 'inf' else -np.inf if text == '-inf' else float.fromhex(text)\n"
        + f"x = np.array([\n    {rows},\n], dtype={_dtype(finding.format)})\n{labels}"
        + f"{_call(implementation, finding, labelled)}\n\n"
        + "mpmath.mp.prec = 2000  # enough for every cancellation here\n"
        + f"es = [mpmath.exp(mpmath.mpf(float(v))) for v in x[{row}]]\ns = mpmath.fsum(es)\n"
        + (f"label = int(labels[{row}])\n" if labelled else "")
        + f'print("exact (row {row}):", {_EXACT[finding.operation]})\n'
    )


def _dtype(format: str) -> str:
    return f"np.{format}" if format in ("float16", "float32", "float64") else f"ml_dtypes.{format}"


def _call(implementation: Implementation, finding: FindingEvidence, labelled: bool) -> str:
    arguments = "x, labels" if labelled else "x"
    if implementation.arrays == "torch":
        start = "import torch\n" + f"arguments = [torch.tensor(np.asarray(a, np.float64)) for a in ({arguments},)]\n"
        start += f"arguments[0] = arguments[0].to(torch.{finding.format})\n"
        start += "arguments[1:] = [a.to(torch.int64) for a in arguments[1:]]\n"
        return f"{start}{_import(implementation, finding)}\nprint('got:', subject(*arguments))"
    return f"{_import(implementation, finding)}\nprint('got:', subject({arguments}))"


def _import(implementation: Implementation, finding: FindingEvidence) -> str:
    module, _, name = sources.home(implementation, finding.operation).partition(":")
    if name:
        return f"from {module} import {name} as subject"
    return f"subject = ...  # put the {finding.operation} of {implementation.name!r} here"
