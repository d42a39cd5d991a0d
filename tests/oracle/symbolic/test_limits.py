"""Limits at infinity: a wrong one is refuted."""

import sympy as sp

from softcert_oracle.symbolic.definitions import definitions
from softcert_oracle.symbolic.limits import tends


def test_a_wrong_limit_is_refuted():
    d = definitions(2)
    assert tends(d.softmax[0], d.x[0], sp.oo, sp.Integer(1)).holds
    assert not tends(d.softmax[0], d.x[0], sp.oo, sp.Integer(0)).holds
    assert not tends(d.softmax[0], d.x[0], sp.oo, sp.oo).holds
