"""The sentence of a user's mistake: the name given, the nearest match, everything that is accepted."""

from __future__ import annotations

from softcert_oracle.errors import UsageError, unknown


def test_an_unknown_name_is_told_with_the_nearest_and_with_all_that_are_accepted() -> None:
    error = unknown("format", "flaot32", ["float64", "float32"])
    assert isinstance(error, UsageError)
    assert isinstance(error, ValueError)
    assert str(error) == "unknown format: format='flaot32'. Did you mean 'float32'? Accepted: float64, float32."


def test_a_name_that_is_like_none_gets_no_suggestion() -> None:
    assert "Did you mean" not in str(unknown("format", "zzz", ["float64"]))
    assert "format=3" in str(unknown("format", 3, iter(["float64"])))
