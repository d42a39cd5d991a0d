"""Findings of the sample documents: true numbers, by NumPy's formats and mpmath's exact values."""

from __future__ import annotations

import math

import mpmath
import numpy as np

from softcert_reports import document as d


def _number(value: float) -> d.Number:
    return d.Number(repr(value), float.hex(value))


def findings_of(name: str) -> list[d.Finding]:
    """The overflow of the unshifted softmax, just above log(largest), and the wrong sum that a shift leaves behind."""
    out = []
    for format, x, edge in (("float32", 88.75, "88.72"), ("float64", 710.0, "709.78")):
        exact = 1 / (1 + mpmath.exp(-x))
        value = float(exact) if format == "float64" else float(np.float32(float(exact)))
        witness = d.Witness(
            {
                "recipe": 1,
                "regime": "overflow edge",
                "rows_count": 1,
                "classes": 2,
                "format": format,
                "rows": ((float.hex(x), "0x0.0p+0"),),
            },
            (1, 2),
            ((repr(x), "0.0"),),
            ((float.hex(x), "0x0.0p+0"),),
            None,
            {},
            (0, 0),
            d.Number("nan", "nan"),
            d.Number(mpmath.nstr(exact, 30), float.hex(value)),
            (_number(value - 2.0**-24), _number(value)),
            (math.nan, 0.0),
            (value, float(mpmath.exp(-x))),
            (1e-7, 1e-45),
        )
        diagnosis = d.Diagnosis(
            "no max shift",
            f"behaves like: the maximum is not subtracted; exp overflows above {edge} in {format}",
            "no max shift",
            "reproduces 41 of 41 witnesses bit for bit",
            "Subtract the row's maximum before exp: e = exp(x - max(x)).",
            "Blanchard, Higham, Higham 2021, section 2",
        )
        out.append(
            d.Finding(
                f"{name[:60]}/softmax/{format}/finite/nan",
                name,
                "softmax",
                format,
                "finite",
                f"softmax({x:g}, 0) is NaN; the truth is 1.",
                "sound",
                "overflow edge",
                "nan",
                witness,
                math.inf,
                4.0,
                "ulp",
                math.inf,
                "robustness",
                "p_j [u(4 + 3|d_j| + L) + eps_e + eps_l L + A_s]",
                {"n": 2, "u": 2.0**-24, "h": 1, "exp_ulp": 4.0},
                diagnosis,
                41,
                {"overflow edge": 30, "common offset": 11},
                f"import numpy as np\n\nfrom {name[:40]} import softmax\n\n"
                f"x = np.array([[{x!r}, 0.0]], np.{format})\nprint(softmax(x))\n",
                f"import mpmath\nimport numpy as np\n\nx = np.array([{x!r}, 0.0], np.{format})\n"
                "print(np.exp(x) / np.exp(x).sum())\nprint([mpmath.exp(v) for v in x])\n",
                "the textbook formula, kept as a bad example" if name == "naive" else "",
            )
        )
    # 3 ulp away: near enough for a number line
    one = np.float32(0.5)
    got = float(one + np.float32(3 * 2.0**-24))
    near = d.Witness(
        {"recipe": 1, "regime": "ties", "rows_count": 1, "classes": 3, "format": "float32"},
        (1, 3),
        (("1000.25", "1000.25", "-1.5"),),
        (("0x1.f420000000000p+9", "0x1.f420000000000p+9", "-0x1.8000000000000p+0"),),
        (0,),
        {"reduction": "mean"},
        (0, 1),
        _number(got),
        d.Number("0.50000000000000000000", "0x1.0000000000000p-1"),
        tuple(_number(0.5 + k * 2.0**-24) for k in (0, 1)),
        (0.5, got, 0.0),
        (0.5, 0.5, 0.0),
        (6e-8, 6e-8, 1e-45),
    )
    out.append(
        d.Finding(
            f"{name[:60]}/softmax/float32/sums_to_one/mass",
            name,
            "softmax",
            "float32",
            "sums_to_one",
            "The probabilities of a row sum to 1.0000002, 2.1 times the limit above one.",
            "sound",
            "ties",
            "mass",
            near,
            3.0,
            1.42,
            "ulp",
            2.11,
            "probability",
            "sum of the limits of the row",
            {"n": 3, "u": 2.0**-24, "h": 2},
            None,
            3,
            {"ties": 3},
            "from softcert import replay\n",
        )
    )
    return out
