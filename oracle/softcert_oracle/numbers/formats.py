"""The floating-point formats that softcert judges, as plain facts about each.

Parameters follow IEEE 754-2019 (binary16/32/64), the bfloat16 layout of ml_dtypes and the OCP 8-bit
floating-point specification 1.0 (float8_e4m3fn, float8_e5m2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from softcert_oracle.errors import unknown

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, kw_only=True)
class Format:
    """One binary floating-point format: a normal number is ``(-1)^s * 1.f * 2^E`` with ``emin <= E <= emax``.

    Parameters
    ----------
    name
        As in `FORMATS`.
    bits
        The width of the encoding.
    precision
        p, the significant bits with the hidden one.
    emin, emax
        The smallest and the largest exponent of a normal number.
    largest
        The largest finite number. float8_e4m3fn gives its topmost significand to NaN, so that it is not
        ``(2 - 2u) 2^emax`` there.
    has_infinity
        Whether infinities have encodings.
    saturates
        Whether conversion to it gives the largest number where it overflows, as the OCP specification allows. No
        entry of `FORMATS` says so: a contract does.

    Attributes
    ----------
    dtype
        The NumPy (or ml_dtypes) type of its arrays.

    Examples
    --------
    >>> half = lookup("float16")
    >>> half.unit_roundoff == 2.0**-11, half.smallest_subnormal == 2.0**-24, half.largest
    (True, True, 65504.0)
    """

    name: str
    bits: int
    precision: int
    emin: int
    emax: int
    largest: float
    has_infinity: bool
    saturates: bool = False

    @cached_property
    def dtype(self) -> np.dtype[np.generic]:
        """The NumPy type; NumPy is loaded where it is asked for."""
        import ml_dtypes  # noqa: F401 (adds its types to NumPy's names)
        import numpy as np

        return np.dtype(self.name)

    @property
    def unit_roundoff(self) -> float:
        """u = 2^-p, the largest relative error of rounding to nearest in the normal range."""
        return float(2.0**-self.precision)

    @property
    def quantum_exponent(self) -> int:
        """Exponent of the smallest subnormal: eta = 2^(emin - p + 1)."""
        return self.emin - self.precision + 1

    @property
    def smallest_normal(self) -> float:
        """N = 2^emin."""
        return float(2.0**self.emin)

    @property
    def smallest_subnormal(self) -> float:
        """eta = 2^(emin - p + 1)."""
        return float(2.0**self.quantum_exponent)

    @property
    def unsigned(self) -> np.dtype[np.generic]:
        """The unsigned integer type that holds the format's bits."""
        import numpy as np

        return np.dtype(f"uint{self.bits}")


def _ieee(name: str, bits: int, precision: int, emax: int) -> Format:
    largest = (2.0 - 2.0 ** (1 - precision)) * 2.0**emax
    return Format(
        name=name,
        bits=bits,
        precision=precision,
        emin=1 - emax,
        emax=emax,
        largest=largest,
        has_infinity=True,
    )


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        f.name: f
        for f in (
            _ieee("float64", bits=64, precision=53, emax=1023),
            _ieee("float32", bits=32, precision=24, emax=127),
            _ieee("float16", bits=16, precision=11, emax=15),
            _ieee("bfloat16", bits=16, precision=8, emax=127),
            Format(
                name="float8_e4m3fn",
                bits=8,
                precision=4,
                emin=-6,
                emax=8,
                largest=448.0,
                has_infinity=False,
            ),
            _ieee("float8_e5m2", bits=8, precision=3, emax=15),
        )
    }
)


def lookup(name: str) -> Format:
    """The format of that name.

    Raises
    ------
    UsageError
        For any other name; the message has the nearest one.
    """
    try:
        return FORMATS[name]
    except (KeyError, TypeError):
        raise unknown("format", name, FORMATS) from None


def of_array(values: np.ndarray) -> Format | None:
    """The format of an array's dtype, or None where it is none of ours."""
    return _by_dtype().get(values.dtype)


@cache
def _by_dtype() -> dict[np.dtype[np.generic], Format]:
    return {f.dtype: f for f in FORMATS.values()}
