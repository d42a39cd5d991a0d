"""Findings of the sample documents: true numbers, by NumPy's formats and mpmath's exact values."""

from __future__ import annotations

import math

import mpmath
import numpy as np
from tests.reports.sample_parts import OPERATIONS

from softcert_reports import document as d


def _number(value: float) -> d.Number:
    return d.Number(repr(value), float.hex(value))


def shifted_of(name: str) -> list[d.Finding]:
    """For the implementation that is only sound, one finding in each unit: an offset changes its result."""
    if name != "logsumexp":
        return []
    return [
        d.Finding(
            id=f"{name}/{operation}/{format}/shift/value",
            subject=name,
            operation=operation,
            format=format,
            property="shift",
            summary="A constant added to all logits changes the result by 3.5 times the slack.",
            level="stable",
            regime="offset",
            cause="value",
            measured=3.5,
            limit=1.0,
            unit="slack",
            ratio=3.5,
        )
        for operation in OPERATIONS
        for format in ("float32", "float64")
    ]


def findings_of(name: str) -> list[d.Finding]:
    """The overflow of the unshifted softmax, just above log(largest), and the wrong sum that a shift leaves behind."""
    out = []
    for format, x, edge in (("float32", 88.75, "88.72"), ("float64", 710.0, "709.78")):
        exact = 1 / (1 + mpmath.exp(-x))
        value = float(exact) if format == "float64" else float(np.float32(float(exact)))
        witness = d.Witness(
            case={
                "recipe": 1,
                "regime": "overflow edge",
                "rows_count": 1,
                "classes": 2,
                "format": format,
                "rows": ((float.hex(x), "0x0.0p+0"),),
            },
            shape=(1, 2),
            x_decimal=((repr(x), "0.0"),),
            x_hex=((float.hex(x), "0x0.0p+0"),),
            labels=None,
            options={},
            element=(0, 0),
            got=d.Number("nan", "nan"),
            exact=d.Number(mpmath.nstr(exact, 30), float.hex(value)),
            neighbours=(_number(value - 2.0**-24), _number(value)),
            row_got=(math.nan, 0.0),
            row_exact=(value, float(mpmath.exp(-x))),
            row_limit=(1e-7, 1e-45),
        )
        diagnosis = d.Diagnosis(
            defect="no max shift",
            text=f"behaves like: the maximum is not subtracted; exp overflows above {edge} in {format}",
            family="no max shift",
            confidence="reproduces 41 of 41 witnesses bit for bit",
            remedy="Subtract the row's maximum before exp: e = exp(x - max(x)).",
            reference="Blanchard, Higham, Higham 2021, section 2",
        )
        out.append(
            d.Finding(
                id=f"{name[:60]}/softmax/{format}/finite/nan",
                subject=name,
                operation="softmax",
                format=format,
                property="finite",
                summary=f"softmax({x:g}, 0) is NaN; the truth is 1.",
                level="sound",
                regime="overflow edge",
                cause="nan",
                witness=witness,
                measured=math.inf,
                limit=4.0,
                unit="ulp",
                ratio=math.inf,
                limit_name="robustness",
                limit_formula="p_j [u(4 + 3|d_j| + L) + eps_e + eps_l L + A_s]",
                limit_parameters={"n": 2, "u": 2.0**-24, "h": 1, "exp_ulp": 4.0},
                diagnosis=diagnosis,
                occurrences=41,
                regimes={"overflow edge": 30, "common offset": 11},
                reproduction=f"import numpy as np\n\nfrom {name[:40]} import softmax\n\n"
                f"x = np.array([[{x!r}, 0.0]], np.{format})\nprint(softmax(x))\n",
                snippet=f"import mpmath\nimport numpy as np\n\nx = np.array([{x!r}, 0.0], np.{format})\n"
                "print(np.exp(x) / np.exp(x).sum())\nprint([mpmath.exp(v) for v in x])\n",
                expected_reason="the textbook formula, kept as a bad example" if name == "naive" else "",
            )
        )
    # 3 ulp away: near enough for a number line
    one = np.float32(0.5)
    got = float(one + np.float32(3 * 2.0**-24))
    near = d.Witness(
        case={"recipe": 1, "regime": "ties", "rows_count": 1, "classes": 3, "format": "float32"},
        shape=(1, 3),
        x_decimal=(("1000.25", "1000.25", "-1.5"),),
        x_hex=(("0x1.f420000000000p+9", "0x1.f420000000000p+9", "-0x1.8000000000000p+0"),),
        labels=(0,),
        options={"reduction": "mean"},
        element=(0, 1),
        got=_number(got),
        exact=d.Number("0.50000000000000000000", "0x1.0000000000000p-1"),
        neighbours=tuple(_number(0.5 + k * 2.0**-24) for k in (0, 1)),
        row_got=(0.5, got, 0.0),
        row_exact=(0.5, 0.5, 0.0),
        row_limit=(6e-8, 6e-8, 1e-45),
    )
    out.append(
        d.Finding(
            id=f"{name[:60]}/softmax/float32/sums_to_one/mass",
            subject=name,
            operation="softmax",
            format="float32",
            property="sums_to_one",
            summary="The probabilities of a row sum to 1.0000002, 2.1 times the limit above one.",
            level="sound",
            regime="ties",
            cause="mass",
            witness=near,
            measured=3.0,
            limit=1.42,
            unit="ulp",
            ratio=2.11,
            limit_name="probability",
            limit_formula="sum of the limits of the row",
            limit_parameters={"n": 3, "u": 2.0**-24, "h": 2},
            diagnosis=None,
            occurrences=3,
            regimes={"ties": 3},
            reproduction="from softcert import replay\n",
        )
    )
    return out
