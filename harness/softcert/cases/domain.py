"""The domain of a contract: which cases lie outside of what an implementation claims."""

from __future__ import annotations

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import Inputs
from softcert_implementations.contract import ResolvedContract


def largest_logit(inputs: Inputs) -> float:
    """The largest finite abs(logit), 0 where there is none."""
    values = np.abs(inputs.exact)
    return float(values[np.isfinite(values)].max(initial=0.0))


def outside(inputs: Inputs, terms: ResolvedContract) -> str:
    """Why these inputs lie outside the contract's domain; "" where they lie inside."""
    if reason := outside_by_shape(inputs.case, terms):
        return reason
    if terms.max_abs_logit is not None and largest_logit(inputs) > terms.max_abs_logit:
        return f"a logit beyond {terms.max_abs_logit:g}"
    if terms.layouts is not None and inputs.case.layout not in terms.layouts:
        return f"layout {inputs.case.layout!r} not claimed"
    return ""


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
