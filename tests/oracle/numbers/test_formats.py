"""The facts about each format, against what NumPy and ml_dtypes say of their own types."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from softcert_oracle.errors import UsageError
from softcert_oracle.numbers.formats import FORMATS, Format, lookup, of_array

each_format = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)


@each_format
def test_parameters_agree_with_the_library_of_the_type(fmt: Format) -> None:
    info = ml_dtypes.finfo(fmt.dtype)
    assert float(info.max) == fmt.largest
    assert float(info.tiny) == fmt.smallest_normal
    assert float(info.smallest_subnormal) == fmt.smallest_subnormal
    assert float(info.eps) == 2 * fmt.unit_roundoff
    assert info.bits == fmt.bits == 8 * fmt.dtype.itemsize == 8 * fmt.unsigned.itemsize


@each_format
def test_only_float8_e4m3fn_has_no_infinity(fmt: Format) -> None:
    with np.errstate(over="ignore"):
        infinite = np.isinf(np.array([np.inf]).astype(fmt.dtype).astype(np.float64))[0]
    assert infinite == fmt.has_infinity == (fmt.name != "float8_e4m3fn")


@each_format
def test_formats_are_found_by_name_and_by_array(fmt: Format) -> None:
    assert lookup(fmt.name) is fmt
    assert of_array(np.zeros(3, fmt.dtype)) is fmt


def test_what_is_no_format_is_said_to_be_none() -> None:
    assert of_array(np.zeros(3, np.int64)) is None
    with pytest.raises(UsageError, match="Did you mean 'float32'"):
        lookup("float23")
    with pytest.raises(UsageError, match="Accepted: float64, float32"):
        lookup(None)  # type: ignore[arg-type]
