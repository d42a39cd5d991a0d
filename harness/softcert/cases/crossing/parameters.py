"""What the regimes of the crossings are made with: for each a few parameters that take turns."""

from __future__ import annotations

import math
from collections.abc import Mapping

from softcert.cases.case import Parameters
from softcert.cases.regimes.families import thresholds
from softcert_oracle.numbers.formats import Format


def parameters(fmt: Format) -> Mapping[str, tuple[Parameters, ...]]:
    """By regime: its parameters, one tuple for each turn."""
    top = fmt.largest
    far = min(-thresholds(fmt)[f"underflow/{fmt.name}"] + 30, top / 4)
    offsets = [by for k in range(1, 4 if top < 1e5 else 8) for by in (10.0**k, -(10.0**k)) if abs(by) < top / 8]
    edges = [name for name in thresholds(fmt) if not name.startswith("absorption")]
    return {
        "ordinary": tuple((("scale", scale),) for scale in (1.0, 3.0, 0.1, 20.0)),
        "offset": tuple((("by", by),) for by in offsets),
        "edge": tuple((("at", at), ("ulps", ulps)) for ulps in (0, 1, -2) for at in edges),
        "gap": tuple((("below", min(below, top / 4)),) for below in (far, 7.0, 16.5, 34.0)),
        "absorption": tuple((("factor", factor),) for factor in (0.98, 1.02, 0.49, 2.0)),
        "spread": tuple((("part", part),) for part in (1.0, 0.5, 2.0 ** (-fmt.emax // 2))),
        "reach": tuple((("depth", depth),) for depth in (1.0, 0.7, 1.3)),
        "tiny": ((), (("zeros", True),)),
        "ties": tuple((("value", min(value, top / 8)),) for value in (1.5, 0.0, -3.0, 100.0)),
        "ladder": tuple((("step", step),) for step in (0.5, -0.5, 30.0, -30.0)),
        "peak": tuple((("at", at), ("height", min(h, top / 4))) for at, h in ((-1, 8.0), (0, 20.0), (-1, 150.0))),
        "heavy tail": tuple((("tail", tail), ("height", 5.0)) for tail in (1, 3, 31)),
        "far rows": ((("apart", 20.0),), (("apart", 3.0),)),
        "any float": ((), (("top", 0.1),)),
        "sparse rows": tuple(
            (("kept", kept), ("beside", beside))
            for kept, beside in ((2, "-inf"), (64, "far"), (8, "-inf"), (16, "far"))
        ),
        "exact sums": tuple(
            (("beside", beside), ("by", by)) for by in ("halves", "bits") for beside in ("-inf", "far")
        ),
        "one percent": ((("tied", 100),), (("tied", 100), ("beside", "-inf"))),
        "concentrated": ((("below", 30.0),), (("below", math.floor(min(60.0, top / 4))),)),
    }
