"""Whether a field of the contract would explain a refusal in a 16-bit format: the witness is judged again with it.

Nothing is loosened. A field is named only where the witness and the failing cases that were stored would hold with it,
and the limit that it leaves still tells a degenerate output from the truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from softcert.cases.call import Call, build_call
from softcert.cases.inputs import build
from softcert.engine.judge import Judgement
from softcert.engine.tally import RunTally
from softcert.expected.reference import ReferenceCache
from softcert.findings.collect import OF_SEVERAL_CALLS, FindingEvidence
from softcert.properties.judged_call import JudgedCall
from softcert_implementations.contract import ResolvedContract
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats

FIELDS = ("saved_format", "sum_format", "working_precision")
"""The fields that are tried, the one that loosens least first."""

_BITS = 16
_CASES = 12  # stored failing cases that must hold as well


def explaining(finding: FindingEvidence, terms: ResolvedContract, tally: RunTally, references: ReferenceCache) -> str:
    """The field, with its value, under which a finding would be none; "" where there is no such field.

    Parameters
    ----------
    finding
        A finding with the output that shows it.
    terms
        The contract that judged it.
    tally
        What was recorded of its unit: the outputs of other failing cases.
    references
        Where exact results come from.

    Returns
    -------
    str
        Such as ``working_precision = "float16"``.
    """
    narrow = formats.lookup(terms.format).bits == _BITS
    if not narrow or finding.output is None or finding.property_name in OF_SEVERAL_CALLS or finding.case.options:
        return ""
    outputs = [(finding.witness.call, finding.output.got), *_stored(finding, tally)]
    for name in FIELDS:
        other = with_field(terms, name)
        if other is not None and all(_holds(call, got, other, references) for call, got in outputs):
            return f'{name} = "{terms.format}"'
    return ""


def with_field(terms: ResolvedContract, name: str) -> ResolvedContract | None:
    """The contract with a field set to its own format; None where it is so already, or may not be.

    Fields that follow the working precision follow it.
    """
    if getattr(terms, name) == terms.format:
        return None
    following = ("sum_format", "saved_format") if name == "working_precision" else ()
    names = (name, *(f for f in following if getattr(terms, f) == terms.working_precision))
    changes: dict[str, Any] = dict.fromkeys(names, terms.format)
    try:
        return replace(terms, **changes)
    except UsageError:
        return None


def _stored(finding: FindingEvidence, tally: RunTally) -> Iterator[tuple[Call, np.ndarray]]:
    """Other failing cases of the finding whose outputs were stored."""
    outputs = tally.evidence.outputs
    for case in [c for c in finding.candidates if c in outputs and c != finding.case][:_CASES]:
        yield build_call(finding.operation, build(case)), outputs[case]


def _holds(call: Call, got: np.ndarray, terms: ResolvedContract, references: ReferenceCache) -> bool:
    """Whether every check of a result holds, and something of it was checked."""
    output = JudgedCall(call=call, terms=terms, got=got, expected=references.of(call, terms))
    checks = [c for c in Judgement(call=call, output=output).values(()) if c.level <= Level.STABLE]
    accurate = [c for c in checks if c.property_name == "accuracy" and c.level == Level.STABLE]
    return bool(accurate) and all(c.checked > 0 for c in accurate) and not any(c.failed or c.undecided for c in checks)
