"""The oracle's public names are real, and cost nothing until they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import softcert_oracle


def test_every_public_name_is_importable_and_documented() -> None:
    found = {name: getattr(softcert_oracle, name) for name in softcert_oracle.__all__}
    assert [name for name, value in found.items() if callable(value) and not value.__doc__] == []
    assert {"CORE", "FORMATS", "OPERATIONS"} == {name for name, value in found.items() if not callable(value)}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="truthiness"):
        softcert_oracle.truthiness  # noqa: B018


def test_a_process_that_needs_a_format_does_not_load_arb_or_mpmath() -> None:
    heavy = "('flint', 'mpmath', 'numba', 'sympy')"
    code = f"import sys, softcert_oracle.numbers.formats; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
