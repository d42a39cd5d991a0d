"""The records behind the plots of a results document: curves, distributions, growth, speed, pairs of subjects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from softcert_reports.document.fields import Count, Plain, Real, Record


@dataclass(frozen=True, kw_only=True)
class Point(Record):
    """One abscissa of an error curve; median and worst error and the limit, in ulp."""

    x: Real
    median: Real | None = None
    worst: Real | None = None
    limit: Real | None = None


@dataclass(frozen=True, kw_only=True)
class Series(Record):
    """Error against the number of classes or against the largest magnitude of a logit."""

    subject: str
    operation: str
    format: str
    axis: Literal["classes", "magnitude"]
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Histogram(Record):
    """Distribution of error: ``counts[i]`` results between ``2^edges[i]`` and ``2^edges[i+1]`` ulp.

    A first edge of -inf collects exact results.
    """

    subject: str
    operation: str
    format: str
    edges: tuple[Real, ...]
    counts: tuple[Count, ...]


@dataclass(frozen=True, kw_only=True)
class Growth(Record):
    """How the worst error grows along an axis: error ~ axis^exponent; ``depth_like``: as a plain loop's would."""

    subject: str
    operation: str
    format: str
    axis: str
    text: str
    exponent: Real | None = None
    depth_like: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Speed(Record):
    """Elements a second in the subject's own process (a time, so it is not part of the digest)."""

    subject: str
    operation: str
    format: str
    elements_per_second: Real


@dataclass(frozen=True, kw_only=True)
class Pairwise(Record):
    """The largest difference between two subjects on the shared battery, in ulp."""

    operation: str
    format: str
    a: str
    b: str
    largest_ulp: Real
    case: Mapping[str, Plain] | None = None
