"""The domain of a contract: which cases lie outside of what an implementation claims."""

from __future__ import annotations

from collections.abc import Callable

from softcert.cases.case import Case
from softcert.cases.inputs import Inputs
from softcert_implementations.contract import ResolvedContract


def largest_logit(inputs: Inputs) -> float:
    """The largest finite abs(logit), 0 where there is none."""
    return inputs.largest_logit


def outside(inputs: Inputs, terms: ResolvedContract) -> str:
    """Why these inputs lie outside the contract's domain; "" where they lie inside."""
    return outside_by_shape(inputs.case, terms) or outside_by_values(inputs, terms)


def outside_by_values(inputs: Inputs, terms: ResolvedContract) -> str:
    """Why inputs whose shape lies inside the domain lie outside of it by their values or their layout."""
    if terms.max_abs_logit is not None and largest_logit(inputs) > terms.max_abs_logit:
        return f"a logit beyond {terms.max_abs_logit:g}"
    return "" if _has_claimed_layout(inputs.case, terms) else f"layout {inputs.case.layout!r} not claimed"


def admits(case: Case, terms: ResolvedContract, build: Callable[[Case], Inputs]) -> bool:
    """Whether a case lies inside the contract's domain; its inputs are built only where their values decide."""
    if outside_by_shape(case, terms) or not _has_claimed_layout(case, terms):
        return False
    return terms.max_abs_logit is None or build(case).largest_logit <= terms.max_abs_logit


def restricts(terms: ResolvedContract) -> bool:
    """Whether the contract's domain leaves out any case."""
    largest = (terms.max_classes, terms.max_rows, terms.max_abs_logit, terms.layouts)
    return terms.min_classes > 1 or terms.classes_multiple_of != 1 or any(value is not None for value in largest)


def _has_claimed_layout(case: Case, terms: ResolvedContract) -> bool:
    return terms.layouts is None or case.layout in terms.layouts


def outside_by_shape(case: Case, terms: ResolvedContract) -> str:
    """Why the shape of a case lies outside the contract's domain; known before the inputs are built."""
    if case.classes < terms.min_classes:
        return f"fewer than {terms.min_classes} classes"
    if terms.max_classes is not None and case.classes > terms.max_classes:
        return f"more than {terms.max_classes} classes"
    if case.classes % terms.classes_multiple_of:
        return f"classes not a multiple of {terms.classes_multiple_of}"
    if terms.max_rows is not None and case.rows_count > terms.max_rows:
        return f"more than {terms.max_rows} rows"
    return ""
