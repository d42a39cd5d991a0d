"""The domain that was really run: sizes, regimes, crossings of the taxonomy, and what was left out with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from softcert.cases import coverage
from softcert.cases.case import Case
from softcert.cases.crossing import axes
from softcert.cases.domain import largest_logit
from softcert.properties.judged_call import JudgedCall

Span = tuple[int, int]
Shape = tuple[int, int]


class DomainRun:
    """Counts over the cases of one unit.

    Attributes
    ----------
    regimes, coverage
        How often each regime, and each crossing of the taxonomy, was met.
    places
        Where the cases of the battery stand on the axes of the crossings, as items of points.
    left_out
        Cases outside the contract's domain, by reason.
    not_run
        Calls that could not be made, by reason.
    classes, rows
        The smallest and the largest number of each that gave an output.
    widest
        By row count, the largest class count that gave an output.
    largest_logit
        The largest finite abs(logit).
    elements
        How many logits went into outputs.
    """

    def __init__(self) -> None:
        self.regimes: Counter[str] = Counter()
        self.coverage: Counter[tuple[str, str]] = Counter()
        self.places: set[tuple[tuple[str, str], ...]] = set()
        self.left_out: Counter[str] = Counter()
        self.not_run: Counter[str] = Counter()
        self.classes: Span | None = None
        self.rows: Span | None = None
        self.widest: dict[int, int] = {}
        self.largest_logit = 0.0
        self.elements = 0

    def record_planned(self, case: Case) -> None:
        """Count a case of the battery."""
        self.regimes[case.regime] += 1
        self.coverage.update(coverage.crossings(case))
        self.places.add(tuple(axes.place(case).items()))

    def record_output(self, output: JudgedCall) -> None:
        """Count a call that gave an output."""
        self._count(output, largest_logit(output.inputs))

    def record_outputs(self, outputs: Iterable[JudgedCall], largest_logits: np.ndarray) -> None:
        """Count calls that gave outputs; ``largest_logits`` are the largest finite abs(logit) of each."""
        for output, largest in zip(outputs, largest_logits.tolist(), strict=True):
            self._count(output, largest)

    def hull(self) -> tuple[Shape, ...]:
        """The corners of what was run: (m, C), more rows and fewer classes at each step.

        For each class of row counts the largest class count that gave an output; what another corner exceeds in both
        is left out.
        """
        best: dict[str, Shape] = {}
        for m, C in sorted(self.widest.items()):
            name = coverage.row_count_class(m)
            if name not in best or best[name][1] <= C:
                best[name] = (m, C)
        if self.widest:
            most = max(self.widest)
            best["most rows"] = (most, self.widest[most])
        corners: list[Shape] = []
        for m, C in sorted(set(best.values()), reverse=True):
            if not corners or corners[-1][1] < C:
                corners.append((m, C))
        return tuple(reversed(corners))

    def _count(self, output: JudgedCall, largest: float) -> None:
        m, C = output.case.rows_count, output.case.classes
        self.largest_logit = max(self.largest_logit, largest)
        self.classes = _widened(self.classes, C)
        self.rows = _widened(self.rows, m)
        self.widest[m] = max(self.widest.get(m, 0), C)
        self.elements += output.inputs.exact.size


def _widened(span: Span | None, value: int) -> Span:
    return (value, value) if span is None else (min(span[0], value), max(span[1], value))
