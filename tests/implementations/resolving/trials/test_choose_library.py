"""The array library in which most operations of a subject run."""

import numpy as np
import pytest

from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.trials.choose_library import library_of


def one(function, **more):
    return Implementation("one", {"softmax": function}, **more)


def wrong(x):
    return np.full_like(x, np.nan)


def test_the_library_is_the_one_in_which_most_operations_run():
    def build(library):
        def needs(name):
            return lambda x: x if name == library else (_ for _ in ()).throw(TypeError())

        return Implementation("some", {"softmax": needs("numpy"), "logsumexp": needs("numpy")})

    assert library_of(build, {"numpy": "because"}, "float32") == ("numpy", "because")
    assert library_of(build, {"mlx": "a hint", "numpy": "because"}, "float32") == ("numpy", "because")
    both = {"numpy": "its code", "array_api:numpy": "its name"}
    assert library_of(lambda library: one(wrong, arrays=library), both, "float32") == ("numpy", "its code")
    nothing = lambda library: Implementation("no", {"softmax": lambda x: None})  # noqa: E731
    assert library_of(nothing, {}, "float32") == ("numpy", "the default; no trial call succeeded")
    assert library_of(nothing, {"torch": "its module"}, "float32")[1] == "its module; no trial call succeeded"


def test_the_library_of_a_result_is_tried_where_nothing_names_it():
    torch = pytest.importorskip("torch")
    hidden = {"t": torch}

    def softmax(x):
        return hidden["t"].softmax(hidden["t"].as_tensor(x), -1)

    found = library_of(lambda library: one(softmax, arrays=library), {"numpy": "its code"}, "float32")
    assert found == ("torch", "a trial call returned its arrays")
