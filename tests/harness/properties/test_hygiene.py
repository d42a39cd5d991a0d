"""The form of a reply: what passes is judged further, what does not is named by its cause."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.harness.building import REFERENCES, call_of, exact_of, fault_reply, reply_of, rows_case, terms

from softcert.cases.call import build_call
from softcert.cases.inputs import build
from softcert.executors.protocol import Array, FaultKind, Reply
from softcert.properties.hygiene import check_form, numbers

CALL = call_of("softmax", [[0.0, 1.0, 2.0]])
RIGHT = exact_of(CALL)


def form(reply, call=CALL, **claims):
    output, checks = check_form(call, terms(call.operation, **claims), reply, REFERENCES)
    return output, {c.property_name: (c.cause, c.message) for c in checks if c.failed}


def test_a_right_reply_passes_and_its_values_are_exact():
    output, failed = form(reply_of(RIGHT))
    assert failed == {}
    assert np.array_equal(output.got, RIGHT.astype(np.float32))


@pytest.mark.parametrize(
    ("reply", "failed"),
    [
        (reply_of(RIGHT[:, :2]), {"result_shape": ("shape", "shape (1, 2), expected (1, 3)")}),
        (reply_of(RIGHT.ravel()), {"result_shape": ("shape", "shape (3,), expected (1, 3)")}),
        (reply_of(RIGHT, "float64"), {"result_format": ("returns float64", "format float64, expected float32")}),
        (fault_reply(FaultKind.RESULT, "a list"), {"result_format": ("result", "a list")}),
        (fault_reply(FaultKind.HANG, "no result"), {"completes": ("hang", "hang: no result")}),
        (
            fault_reply(FaultKind.EXCEPTION, "ValueError: bad"),
            {"completes": ("exception: ValueError", "exception: ValueError: bad")},
        ),
    ],
)
def test_each_kind_of_wrong_form_has_its_cause(reply, failed):
    output, found = form(reply)
    assert found == failed
    assert (output is None) == ("result_format" not in failed or failed["result_format"][0] == "result")


def test_a_result_of_text_is_no_output():
    data = np.array([["a", "b", "c"]])
    output, failed = form(Reply(results=(Array.of(data, format=data.dtype.str),)))
    assert output is None
    assert set(failed) == {"result_format"}


def test_an_argument_that_was_written_to_is_named():
    call = call_of("cross_entropy_grad", [[0.0, 1.0, 2.0]], [1])
    for index, name in ((0, "x"), (1, "labels")):
        _, failed = form(replace(reply_of(exact_of(call)), after={index: b"changed"}), call)
        cause, message = failed["input_unchanged"]
        assert cause == "overwritten"
        assert message.startswith(f"{name} ")


def test_python_floats_stand_for_numbers_of_any_format():
    call = call_of("cross_entropy", [[0.0, 1.0]], [1])
    scalar = Array.of(np.array(float(exact_of(call))), format="python-float")
    assert form(Reply(results=(scalar,)), call)[1] == {}
    rows = Array.of(np.array([RIGHT]), format="python-float")  # a list of lists
    assert "result_format" not in form(Reply(results=(rows,)))[1]


def with_out():
    call = build_call("softmax", build(rows_case([[0.0, 1.0, 2.0]], [0], options=(("out", ("NaN", "C")),))))
    index = list(call.sent).index("out")
    array = call.sent["out"]
    data = bytearray(array.data)
    exact = np.array(RIGHT, np.float32)
    data[array.offset : array.offset + exact.nbytes] = exact.tobytes()
    return call, index, data


def test_out_must_hold_the_result_and_nothing_around_it_may_change():
    call, index, data = with_out()
    claims = {"options": ("out",)}
    assert form(reply_of(RIGHT, after={index: bytes(data)}), call, **claims)[1] == {}
    assert form(reply_of(RIGHT), call, **claims)[1]["result_shape"][0] == "out"
    data[0] ^= 0xFF
    failed = form(reply_of(RIGHT, after={index: bytes(data)}), call, **claims)[1]
    assert failed["input_unchanged"][1].startswith("memory around out")


def test_too_few_results_are_a_wrong_shape():
    from softcert.cases.option_battery import bases
    from softcert_oracle.numbers import formats

    case = bases(formats.lookup("float32"))["two"].with_(options=(("features", (3, "C")),))
    call = build_call("linear_cross_entropy_grad", build(case))
    exact = REFERENCES.of(call, terms("linear_cross_entropy_grad"))
    first = Array.of(np.zeros(exact.shapes[0], np.float32))
    failed = form(Reply(results=(first,)), call)[1]
    assert failed["result_shape"] == ("shape", "1 results, expected 3")


@pytest.mark.parametrize("format", ["float16", "bfloat16", "float64", "int64", "bool"])
def test_numbers_of_every_type_become_float64_exactly(format):
    import ml_dtypes

    dtype = ml_dtypes.bfloat16 if format == "bfloat16" else format
    values = numbers(Array.of(np.array([1, 0], dtype), format=format))
    assert values.dtype == np.float64
    assert values.tolist() == [1.0, 0.0]


def names_of(reply, call=CALL, **claims):
    """The names of all checks, and of those that failed."""
    checks = check_form(call, terms(call.operation, **claims), reply, REFERENCES)[1]
    return [c.property_name for c in checks], [c.property_name for c in checks if c.failed]


def test_each_check_that_holds_is_recorded():
    assert names_of(reply_of(RIGHT)) == (["completes", "input_unchanged", "result_format", "result_shape"], [])


def test_a_call_that_returned_something_else_has_completed():
    assert names_of(fault_reply(FaultKind.RESULT)) == (["completes", "result_format"], ["result_format"])


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind not in (FaultKind.RESULT, FaultKind.EXCEPTION)])
def test_a_fault_is_named_by_its_kind(kind):
    output, failed = form(fault_reply(kind, "it: failed"))
    assert output is None
    assert failed == {"completes": (str(kind), f"{kind}: it: failed")}


def test_exceptions_are_named_by_their_type_cut_to_sixty_characters():
    failed = form(fault_reply(FaultKind.EXCEPTION, "E" * 70 + ": why"))[1]
    assert failed["completes"][0] == "exception: " + "E" * 60


def test_a_label_that_names_no_class_is_judged_by_the_promise_alone():
    call = call_of("cross_entropy", [[0.0, 1.0]], [7])
    assert names_of(reply_of(0.5), call, invalid_labels="refuse") == (["invalid_labels"], ["invalid_labels"])
    assert names_of(fault_reply(FaultKind.EXCEPTION), call, invalid_labels="refuse") == (["invalid_labels"], [])


def test_a_scalar_of_another_format_is_no_python_float():
    call = call_of("cross_entropy", [[0.0, 1.0]], [1])
    assert form(reply_of(exact_of(call), "float64"), call)[1]["result_format"][0] == "returns float64"


def test_a_result_in_the_format_that_the_contract_names_is_right():
    assert form(reply_of(RIGHT, "float64"), result_format="float64")[1] == {}
    assert form(reply_of(RIGHT), result_format="float64")[1]["result_format"][0] == "returns float32"


def test_an_out_of_another_format_than_the_result_does_not_hold_it():
    call, _, _ = with_out()
    failed = form(reply_of(RIGHT, "float64"), call, options=("out",))[1]
    assert failed["result_shape"] == ("out", "out does not hold the result")


def test_several_results_are_judged_as_one_vector():
    from softcert.cases.option_battery import bases
    from softcert_oracle.numbers import formats

    case = bases(formats.lookup("float32"))["two"].with_(options=(("features", (3, "C")),))
    call = build_call("linear_cross_entropy_grad", build(case))
    shapes = REFERENCES.of(call, terms("linear_cross_entropy_grad")).shapes
    results = tuple(Array.of(np.full(shape, k, np.float32)) for k, shape in enumerate(shapes))
    output, failed = form(Reply(results=results), call)
    assert failed == {}
    assert output.got.tolist() == [0.0] * 6 + [1.0] * 6 + [2.0] * 2


def test_complex_numbers_are_no_real_numbers():
    assert numbers(Array.of(np.array([1 + 1j]))) is None
