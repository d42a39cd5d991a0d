"""Whether a domain tells degenerate outputs from the truth: decided from contract and battery, before anything runs.

Zeros, the uniform distribution, a constant and the input each are right, or within the limit, on some cases. Where one
of them is so on *every* case that the contract admits, a pass says nothing about the subject.
"""

from __future__ import annotations

from collections.abc import Iterable

from softcert.cases.call import build_call
from softcert.cases.inputs import Inputs
from softcert.cases.invalid_labels import rows_with_invalid_labels
from softcert.expected.reference import ReferenceCache
from softcert_implementations.contract import ResolvedContract
from softcert_oracle.levels import Level
from softcert_oracle.limits.vacuity import UNIFORM


def unrefuted(
    operation: str, admitted: Iterable[Inputs], terms: ResolvedContract, references: ReferenceCache, level: Level
) -> tuple[str, ...]:
    """The degenerate outputs that no admitted case tells from the truth at a level.

    Parameters
    ----------
    operation
        What is called.
    admitted
        The inputs of the battery inside the contract's domain. They are read until everything is refuted: in the
        default domain the first few are enough.
    terms
        The contract for the operation and format.
    references
        Where exact results come from.
    level
        The level that is asked for. "faithful" has no limit of its own: that of "accurate" is the wider one.

    Returns
    -------
    tuple of str
        Their names, each a clause's subject, such as "zeros". Empty where the domain proves something. Where nothing
        can be looked at, as in a domain without rows, nothing is refuted.
    """
    limited = min(level, Level.ACCURATE)
    known: dict[str, bool] = {}
    for inputs in admitted:
        if not inputs.exact.size or rows_with_invalid_labels(operation, inputs).any():
            continue
        found = references.of(build_call(operation, inputs), terms).refuted(limited)
        for name, tells in found.items():
            known[name] = known.get(name, False) or tells
        if known and all(known.values()):
            return ()
    if not known:
        return ("zeros", UNIFORM)
    return tuple(name for name, told in known.items() if not told)
