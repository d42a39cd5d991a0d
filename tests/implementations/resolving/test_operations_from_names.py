"""Operations from names: whole words, the longest name first, and the functions of every kind of target."""

from types import ModuleType

import pytest

from softcert_implementations.resolving.operations_from_names import functions_of, operation_of
from softcert_oracle.errors import UsageError


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("softmax", "softmax"),
        ("_softmax", "softmax"),
        ("MySoftmax", "softmax"),
        ("LogSoftmax", "log_softmax"),
        ("logSoftmax", "log_softmax"),
        ("fast_log_softmax_f32", "log_softmax"),
        ("LogSumExp", "logsumexp"),
        ("lse", "logsumexp"),
        ("CrossEntropyLoss", "cross_entropy"),
        ("softmax_cross_entropy_with_logits", "cross_entropy"),
        ("cross_entropy_backward", "cross_entropy_grad"),
        ("softmax_backward", "softmax_vjp"),
        ("loss", None),
        ("softmaxer", None),
        ("softmax_or_logsumexp", None),
        ("", None),
    ],
)
def test_a_name_says_its_operation_or_none(name, operation):
    assert operation_of(name) == operation


def double(x):
    return x * 2


def module(**members):
    """A module with functions, of which those are its own that name it."""
    made = ModuleType("theirs")
    for name, member in members.items():
        setattr(made, name, member)
    return made


def test_a_mapping_gives_its_functions_and_only_those_that_are_asked_for():
    assert functions_of({"softmax": double, "lse": len}, ()) == ({"softmax": double, "logsumexp": len}, [])
    assert functions_of({"softmax": double, "lse": len}, ("softmax",)) == ({"softmax": double}, [])


def test_a_callable_is_the_operation_that_is_asked_for_or_that_its_name_says():
    assert functions_of(double, ("log_softmax",)) == ({"log_softmax": double}, [])
    softmax = lambda x: x  # noqa: E731 (its name is set below)
    softmax.__name__ = "fast_softmax"
    assert functions_of(softmax, ()) == ({"softmax": softmax}, ["operation softmax, from the name 'fast_softmax'"])
    with pytest.raises(UsageError, match="'double' does not say which operation it is"):
        functions_of(double, ())
    with pytest.raises(UsageError, match="one function is one operation; name one"):
        functions_of(double, ("softmax", "logsumexp"))


def test_a_class_is_instantiated_only_where_its_methods_need_an_instance():
    class Static:
        def __init__(self):
            raise AssertionError("instantiated")

        @staticmethod
        def softmax(x):
            return x

    class Bound:
        def __init__(self, axis=0):
            self.axis = axis

        def softmax(self, x):
            return self.axis

    functions, notes = functions_of(Static, ())
    assert functions["softmax"](3) == 3
    functions, notes = functions_of(Bound, ())
    assert functions["softmax"](3) == -1
    assert notes[0] == "an instance Bound(axis=-1) was made"


def test_a_class_without_methods_is_called_or_refused():
    class Softmax:
        def __call__(self, x):
            return x + 1

    class Nothing:
        pass

    class Needy:
        def __init__(self, size):
            pass

    functions, notes = functions_of(Softmax, ())
    assert functions["softmax"](1) == 2
    assert notes == ["an instance Softmax() was made", "operation softmax, from the name 'Softmax'"]
    with pytest.raises(UsageError, match="no method named as an operation, and no __call__"):
        functions_of(Nothing, ())
    with pytest.raises(UsageError, match="cannot be instantiated without arguments"):
        functions_of(Needy, ())


def test_members_go_by_their_names_and_aliases_first():
    theirs = module(lse=len, softmax=double, my_log_softmax=min)
    functions, notes = functions_of(theirs, ())
    assert functions == {"softmax": double, "logsumexp": len}
    assert notes == ["operations softmax, logsumexp, from the names of functions in theirs"]
    assert functions_of(theirs, ("softmax",))[0] == {"softmax": double}


def test_words_in_names_count_where_no_name_is_an_operation_and_one_function_has_them():
    def fast_softmax(x):
        return x

    def slow_softmax(x):
        return x

    fast_softmax.__module__ = slow_softmax.__module__ = "theirs"
    assert functions_of(module(fast_softmax=fast_softmax), ())[0] == {"softmax": fast_softmax}
    with pytest.raises(UsageError, match=r"theirs has no function named as an operation\. Looked for: softmax"):
        functions_of(module(fast_softmax=fast_softmax, slow_softmax=slow_softmax), ())
    borrowed = module(fast_softmax=fast_softmax)
    fast_softmax.__module__ = "elsewhere"
    with pytest.raises(UsageError, match="no function named as an operation"):
        functions_of(borrowed, ())


def test_torch_modules_and_autograd_functions_are_called_as_torch_calls_them():
    torch = pytest.importorskip("torch")

    class LogSoftmax(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 3

    functions, notes = functions_of(LogSoftmax, ())
    assert functions["log_softmax"](torch.ones(1)).tolist() == [3]
    assert notes[0] == "torch.autograd.Function: its apply is called"
    functions, notes = functions_of(torch.nn.Softmax, ())
    assert functions["softmax"].dim == -1
    assert notes == ["an instance Softmax(dim=-1) was made", "operation softmax, from the class name 'Softmax'"]
    own = torch.nn.Identity()
    assert functions_of(own, ("logsumexp",)) == ({"logsumexp": own}, [])
