"""All cases of what a contract claims beside its values, for one operation in one format."""

from __future__ import annotations

from collections.abc import Iterator

from softcert.cases.case import Case
from softcert.cases.claims import batches, edges, empty, input_kinds
from softcert_implementations.contract import ResolvedContract
from softcert_oracle.numbers import formats


def cases(operation: str, terms: ResolvedContract, seed: int) -> Iterator[Case]:
    """The cases that a contract has by its claims; the default contract has none.

    Parameters
    ----------
    operation, terms
        What is called, and the contract for it in one format.
    seed
        The seed of the run.
    """
    fmt = formats.lookup(terms.format)
    for part in (edges, input_kinds, empty, batches):
        for case in part.cases(operation, fmt, terms):
            yield case.with_(seed=seed) if seed else case
