"""Batches without rows: a contract may promise an empty result for them (``empty_batch="result"``)."""

from __future__ import annotations

from collections.abc import Iterator

from softcert.cases.case import Case, Layout
from softcert_implementations.contract import ResolvedContract
from softcert_oracle import operations
from softcert_oracle.numbers.formats import Format

_CLASSES = (1, 2, 3, 10, 64, 1000, 32000)


def cases(operation: str, fmt: Format, terms: ResolvedContract) -> Iterator[Case]:
    """Batches of no rows with several numbers of classes, where the contract promises a result for them."""
    if terms.empty_batch == "any" or operation not in operations.CORE:
        return
    for C in _CLASSES:
        yield Case.of("ordinary", 0, C, fmt.name)
    for layout in (Layout.FORTRAN, Layout.ROW_STRIDE, Layout.READ_ONLY):
        yield Case.of("ordinary", 0, 10, fmt.name, layout=layout)
    if operations.lookup(operation).takes_labels:
        for dtype in terms.label_dtypes:
            yield Case.of("ordinary", 0, 5, fmt.name, label_dtype=dtype)
