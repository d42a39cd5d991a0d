"""Registered names: found without importing, loaded on demand, and named where they cannot be."""

from importlib.metadata import EntryPoint

import pytest

from softcert_implementations.resolving import entry_points
from softcert_oracle.errors import UsageError

GROUP = entry_points.GROUP


@pytest.fixture
def points(monkeypatch):
    registered = [
        EntryPoint("zeta", "softcert_implementations.bundled.naive:IMPLEMENTATION", GROUP),
        EntryPoint("absent", "no_such_module_here:IMPLEMENTATION", GROUP),
        EntryPoint("renamed", "math:no_such_attribute", GROUP),
    ]
    monkeypatch.setattr(entry_points, "entry_points", lambda group: registered if group == GROUP else [])


@pytest.mark.usefixtures("points")
def test_names_are_sorted_and_nothing_is_imported():
    assert entry_points.names() == ("absent", "renamed", "zeta")


@pytest.mark.usefixtures("points")
def test_a_name_gives_its_object():
    assert entry_points.load("zeta").name == "naive"


@pytest.mark.usefixtures("points")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("zetta", "Did you mean 'zeta'?"),
        (
            "absent",
            "is registered as 'no_such_module_here:IMPLEMENTATION', which cannot be imported: ModuleNotFoundError",
        ),
        ("renamed", "AttributeError"),
    ],
)
def test_what_cannot_be_loaded_is_one_sentence(name, words):
    with pytest.raises(UsageError) as raised:
        entry_points.load(name)
    assert words in str(raised.value)


def test_the_bundled_ones_are_registered():
    assert {"naive", "numpy_shifted", "logsumexp", "torch_functional", "faithful"} <= set(entry_points.names())
