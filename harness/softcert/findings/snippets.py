"""Code to copy: a finding shown again with softcert, and shown without it, in the array library and mpmath alone."""

from __future__ import annotations

import math
from collections.abc import Mapping

from softcert.cases.case import Case, ClaimState
from softcert.executors import sources
from softcert.findings.collect import FindingEvidence
from softcert_implementations.adapters.kinds import NUMBERS, PLAIN
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving import entry_points

_LARGEST_WRITTEN = 256  # elements that a snippet writes out; a larger witness is rebuilt from its recipe

_EXACT = {
    "softmax": "[e / s for e in es]",
    "log_softmax": "[mpmath.log(e / s) for e in es]",
    "logsumexp": "mpmath.log(s)",
    "cross_entropy": "-mpmath.log(es[label] / s)",
    "cross_entropy_grad": "[e / s - (j == label) for j, e in enumerate(es)]",
}


def command(implementation: Implementation, finding: FindingEvidence) -> str:
    """The same call again, through softcert's Python interface, with all that the run was told about the subject."""
    spec = implementation.spec
    known = _is_spec(spec)
    how = {"op": _function_of(implementation, finding), "dtypes": finding.format, "arrays": implementation.arrays}
    keywords = [f"{name}={_quoted(value)}" for name, value in how.items()]
    if given := implementation.contract.given:
        keywords.append(f"contract={_literal(given)}")
    return (
        "from softcert import rerun\n\n"
        + ("" if known else "my_implementation = ...  # put the Implementation or the function here\n")
        + f"case = {finding.case.to_json()!r}\n"
        + f"subject = {_quoted(spec) if known else 'my_implementation'}\n"
        + f'print(rerun(subject, "{finding.operation}", case, {", ".join(keywords)}))\n'
    )


def _is_spec(spec: str) -> bool:
    """Whether a text names a subject from anywhere; a function of a script or a closure has only its name."""
    if spec.startswith("exec:") or spec.endswith((".py", ".onnx")) or spec in entry_points.registered():
        return True
    place, _, attribute = spec.rpartition(":")
    return bool(place) and all(part.isidentifier() for part in attribute.split("."))


def _function_of(implementation: Implementation, finding: FindingEvidence) -> str:
    """The operation that the subject itself has: a derivative of its framework comes with the loss."""
    derived = any(note.startswith(f"{finding.operation} by ") for note in implementation.inferred)
    return "cross_entropy" if derived else finding.operation


def _literal(value: object) -> str:
    """A value of a contract as Python writes it; infinities, which have no literal, by their name."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return _quoted(str(value)) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    """A text as a Python literal on one line, whatever it holds."""
    return f'"{text}"' if text.isprintable() and not set(text) & set('"\\') else repr(text)


def snippet(implementation: Implementation, finding: FindingEvidence) -> str:
    """A script that needs only the subject, its array library and mpmath; "" where the witness is too large."""
    x = finding.witness.inputs.exact
    if x.size > _LARGEST_WRITTEN or x.size == 0 or finding.operation not in _EXACT or finding.case.options:
        return ""
    if finding.case.kind != PLAIN and (implementation.arrays != "numpy" or not _as_kind(finding.case)):
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
        + f"{_call(implementation, finding, labelled)}\n{_second_call(implementation, finding, labelled)}\n"
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
    logits = "x" if finding.case.kind == PLAIN else _as_kind(finding.case)
    return f"{_import(implementation, finding)}\nprint('got:', subject({arguments.replace('x', logits, 1)}))"


def _as_kind(case: Case) -> str:
    """The logits of a snippet as what they are given as; "" where that takes more than a word."""
    if case.kind in NUMBERS:
        return f"x.astype(np.{case.kind.replace('bool', 'bool_')})"
    return {
        "lists": "x.tolist()",
        "NumPy scalars": "[list(row) for row in x]",
        "0-d": "x[0, 0]",
        "big-endian": "x.astype(x.dtype.newbyteorder())",
        "masked": "np.ma.MaskedArray(x, mask=np.zeros(x.shape, bool))",
    }.get(case.kind, "")


def _second_call(implementation: Implementation, finding: FindingEvidence, labelled: bool) -> str:
    """The call of the second batch of a pair, where there is one."""
    case = finding.case
    if case.state != ClaimState.SECOND:
        return ""
    rows = list(case.second)
    if implementation.arrays == "torch":
        return f"print('rows {rows} by themselves:', subject(*[a[{rows}] for a in arguments]))\n"
    arguments = f"x[{rows}], labels[{rows}]" if labelled else f"x[{rows}]"
    return f"print('rows {rows} by themselves:', subject({arguments}))\n"


def _import(implementation: Implementation, finding: FindingEvidence) -> str:
    module, _, name = sources.home(implementation, finding.operation).partition(":")
    if name and all(part.isidentifier() for part in module.split(".")):
        return f"from {module} import {name} as subject"
    return f"subject = ...  # put the {finding.operation} of {implementation.name!r} here"
