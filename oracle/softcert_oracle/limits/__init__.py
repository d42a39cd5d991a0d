"""Derived limits: how far a right result may be from the truth, given what its contract claims."""

from softcert_oracle.limit_parameters import ALGORITHMS, LimitParameters
from softcert_oracle.limits import formulas
from softcert_oracle.limits.jacobian import jacobian
from softcert_oracle.limits.limit import LEVELS, LIMITS_VERSION, Limit, limit, sharp_limit
from softcert_oracle.limits.vacuity import refuted, vacuous

__all__ = [
    "ALGORITHMS",
    "LEVELS",
    "LIMITS_VERSION",
    "Limit",
    "LimitParameters",
    "formulas",
    "jacobian",
    "limit",
    "refuted",
    "sharp_limit",
    "vacuous",
]
