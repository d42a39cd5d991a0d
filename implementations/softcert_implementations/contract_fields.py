"""The fields of a contract as a table: type, default, what each claims and does to the limits, and an example.

docs/contract.md holds the table (``python -m softcert_implementations.contract_fields`` prints it), and
``softcert init`` writes the same lines into a new contract. Names, order and defaults are those of
`softcert_implementations.contract.Contract`; a test fails where a field has no line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import tomli_w

from softcert_implementations.contract import FIELDS, Contract


@dataclass(frozen=True, kw_only=True)
class Field:
    """What there is to say of one field of a contract.

    Attributes
    ----------
    type
        The values that are accepted, in words.
    meaning
        What the field claims.
    effect
        What a claim does to limits, cases or checks.
    example
        A value that differs from the default, as plain data.
    unset
        The default in words, where it is no constant; "" otherwise.
    """

    type: str
    meaning: str
    effect: str
    example: Any
    unset: str = ""


_WIDER = "limits of every operation that computes in it: wider for a narrower format"
_ULP = "limits at stable and accurate grow with it"
_FORMAT = "name of a format"
_COUNT = "whole number"
_NARROWER = "none: fewer cases, and the verdict says so"
_WORKING = "the working precision"

TABLE: Mapping[str, Field] = MappingProxyType(
    {
        "reduction": Field(
            type='"mean", "sum" or "none"',
            meaning="how the losses of the rows become the result",
            effect="limits of losses and their gradients: the roundings of a sum over m rows and its division",
            example="sum",
        ),
        "working_precision": Field(
            type=_FORMAT,
            meaning="the format in which the implementation computes",
            effect=_WIDER,
            example="float16",
            unset="float32 below 32 bits, else the format",
        ),
        "sum_format": Field(
            type=_FORMAT,
            meaning="the format in which sums of exponentials are kept",
            effect="limits with a sum: wider for a narrower format",
            example="float16",
            unset=_WORKING,
        ),
        "saved_format": Field(
            type=_FORMAT,
            meaning="the format in which the forward pass saves what the backward pass reads",
            effect="limits of losses and their gradients: wider for a narrower format",
            example="float16",
            unset=_WORKING,
        ),
        "result_format": Field(
            type=_FORMAT,
            meaning="the format of the result",
            effect="the last rounding of every limit; a result in another format is a finding",
            example="float32",
            unset="the input's format",
        ),
        "summation": Field(
            type='"any", "pairwise" or a depth',
            meaning='"any" (n - 1 roundings for n terms), "pairwise" (NumPy\'s), or the depth as a number',
            effect="limits with a sum: sharper for a smaller depth",
            example="pairwise",
        ),
        "algorithm": Field(
            type="name of an algorithm",
            meaning="a [named algorithm](numerics.md#named-algorithms): "
            '"shift-divide", "reciprocal", "base-2", "base-2-fma", "x-m-L", "lse", "lse-x", "exp(x-lse)", '
            '"exp(log_softmax)", "log1p", "logaddexp" or "online"',
            effect='limit at stable: sharper, but wider for "online" and "logaddexp"',
            example="log1p",
        ),
        "exp_ulp": Field(
            type="ulp, above 0",
            meaning="the largest error of the exponential, in ulp of the working precision",
            effect=_ULP,
            example=2,
        ),
        "log_ulp": Field(
            type="ulp, above 0",
            meaning="the largest error of the logarithm, in ulp of the working precision",
            effect=_ULP,
            example=2,
        ),
        "div_ulp": Field(
            type="ulp, above 0",
            meaning="the largest error of a division, in ulp of the working precision",
            effect=_ULP,
            example=2.5,
        ),
        "flush_subnormals": Field(
            type="true or false",
            meaning="whether subnormal numbers may be replaced by zero; true for JAX, TensorFlow and MLX",
            effect="limits next to zero: 0 is right below the smallest normal number",
            example=True,
        ),
        "saturates": Field(
            type="true or false",
            meaning="whether a result that overflows is the largest number of its format, as conversions to 8 bits "
            "often give it; otherwise it is an infinity (in float8_e4m3fn, which has none, NaN or the largest number)",
            effect="none: which results of an overflow are right",
            example=True,
        ),
        "special_values": Field(
            type='"limit", "nan" or "limit or nan"; or a mapping from kinds of rows',
            meaning="the result for [rows with infinities or NaN](#kinds-of-rows)",
            effect="none: which results are right in these rows",
            example="nan",
        ),
        "label_dtypes": Field(
            type="list of integer types",
            meaning="the integer types of labels",
            effect="none: each type is called",
            example=["int32", "int64"],
        ),
        "invalid_labels": Field(
            type='"untested", "refuse" or "nan"',
            meaning="what a label outside of 0 .. C - 1 gives: an exception, or NaN",
            effect="none: such labels are called where something is claimed",
            example="refuse",
        ),
        "repeatable": Field(
            type="true or false",
            meaning="the same call gives the same bits each time",
            effect="none: bits are compared",
            example=True,
        ),
        "batch_invariant": Field(
            type="true or false",
            meaning="the result of a row has the same bits in [every batch](#bits-of-rows)",
            effect="none: bits are compared",
            example=True,
        ),
        "empty_batch": Field(
            type='"any" or "result"',
            meaning='a batch of no rows may give an error ("any"), or must give an empty "result"',
            effect="none: what is accepted of such a batch",
            example="result",
        ),
        "input_kinds": Field(
            type="list of kinds",
            meaning="the [kinds of inputs](#kinds-of-inputs) that the functions accept",
            effect="none: each kind is called",
            example=["arrays", "lists"],
        ),
        "options": Field(
            type="list of options",
            meaning="the [options](options.md) that the functions accept",
            effect="each option has limits of its own",
            example=["temperature"],
        ),
        "device": Field(
            type="name of a device",
            meaning="the device of the arguments",
            effect="none",
            example="cuda",
        ),
        "call": Field(
            type='parts of a [form](plugging-in.md#forms-of-calls), separated by commas, or "plain"',
            meaning="how the functions take logits and labels and give their results",
            effect="none: the same values, in another form; functions of probabilities have a bounded domain",
            example="labels=one-hot",
            unset="found out by trial calls",
        ),
        "min_classes": Field(
            type=_COUNT, meaning="the smallest number of classes that is accepted", effect=_NARROWER, example=2
        ),
        "max_classes": Field(
            type=_COUNT,
            meaning="the largest number of classes that is accepted",
            effect=_NARROWER,
            example=4096,
            unset="none",
        ),
        "classes_multiple_of": Field(
            type=_COUNT, meaning="what numbers of classes are multiples of", effect=_NARROWER, example=128
        ),
        "max_rows": Field(
            type=_COUNT, meaning="the most rows that are accepted", effect=_NARROWER, example=65536, unset="none"
        ),
        "max_abs_logit": Field(
            type="number, at least 0",
            meaning="the largest absolute logit that is accepted",
            effect=_NARROWER,
            example=1e4,
            unset="none",
        ),
        "layouts": Field(
            type="list of layouts",
            meaning="the memory layouts that are accepted",
            effect=_NARROWER,
            example=["C"],
            unset="all that the array library can express",
        ),
    }
)
"""By name, in the order of `FIELDS`."""

_HEAD = ("field", "type", "default", "claims", "effect on limits", "example")


def default(name: str) -> str:
    """The default of a field, as it is written in TOML or said in words.

    >>> default("reduction"), default("layouts")
    ('"mean"', 'all that the array library can express')
    """
    if TABLE[name].unset:
        return TABLE[name].unset
    value = Contract().value(name, "softmax", "float32")
    return toml(value["default"] if isinstance(value, Mapping) else value)


def toml(value: object) -> str:
    """A field's value as TOML on one line.

    >>> toml(("int32", "int64")), toml(True), toml(4.0), toml('a "b"')
    ('["int32", "int64"]', 'true', '4.0', '"a \\\\"b\\\\""')
    """
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml(item) for item in value)}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def table() -> str:
    """The table of docs/contract.md, in Markdown."""
    rows = [_HEAD, ("---",) * len(_HEAD)]
    for name in FIELDS:
        field = TABLE[name]
        stated = default(name) if field.unset else f"`{default(name)}`"
        example = f"`{name} = {toml(field.example)}`"
        rows.append((f"`{name}`", field.type, stated, field.meaning, field.effect, example))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    print(table(), end="")
