"""Verdicts by the thousand: `Judge` takes candidates of one task and yields a verdict for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from softcert.audit.isolated import Pool
from softcert.cases.effort import EFFORTS
from softcert.graders import one
from softcert.graders.candidates import given
from softcert.graders.one import Task
from softcert.graders.sealed import Seal
from softcert.graders.verdict import Verdict
from softcert_implementations.contract import Contract
from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats


class Judge:
    """Verdicts on many candidates of one task: for training by reinforcement, agents and leaderboards.

    A candidate is a function of a batch: logits (m, C), and labels (m,) where the operation takes them.

    The cases follow from a salt that candidates do not see: the same salt gives the same verdicts, and a candidate
    cannot know them. Exact results are computed once in each judging process and shared by all candidates; a candidate
    runs in a process of its own, and its death costs the others nothing.

    Parameters
    ----------
    op, dtype
        The operation, one of the five core ones, and the format.
    shapes
        Shapes (m, C); cases stay within the largest m, and between the smallest and the largest C. None: all sizes.
    contract
        The claims that every candidate is judged by, as a mapping.
    level
        The level that earns the reward.
    arrays
        The array library of the candidates; found out for each where it is left out.
    budget
        "quick", "standard" or "thorough": how many cases. A larger one can only refute more.
    seconds
        The time limit of a candidate.
    salt
        Text or bytes; a fresh random one where it is left out.
    jobs
        How many candidates are judged at once.
    explain
        Whether the cause of a refutation is looked for in the gallery, which takes longer than the refutation.

    Raises
    ------
    UsageError
        A ValueError: for arguments that are not in the tables.

    Examples
    --------
    >>> source = "import numpy as np\\ndef softmax(x):\\n    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)\\n"
    >>> [v.verdict for v in Judge("softmax", "float32", salt="s").stream([source])]  # doctest: +SKIP
    ['refuted']
    """

    def __init__(
        self,
        op: str,
        dtype: str = "float32",
        *,
        shapes: Sequence[tuple[int, int]] | None = None,
        contract: Mapping[str, Any] | None = None,
        level: str = "stable",
        arrays: str | None = None,
        budget: str = "quick",
        seconds: float = 120.0,
        salt: str | bytes | None = None,
        jobs: int = 1,
        explain: bool = True,
    ) -> None:
        self.operation = operations.lookup(op).name
        self.format = formats.lookup(dtype).name
        if self.operation not in operations.CORE:
            raise UsageError(f"op={op!r}: judges exist for {', '.join(operations.CORE)}.")
        if level not in tuple(Level):
            raise unknown("level", level, Level)
        if budget not in EFFORTS:
            raise unknown("budget", budget, EFFORTS)
        if not seconds > 0:
            raise UsageError(f"seconds={seconds!r}: give a positive number.")
        if jobs < 1:
            raise UsageError(f"jobs={jobs!r}: give at least 1.")
        claims = {**(contract or {}), **_domain(shapes)}
        Contract(claims).terms(self.operation, self.format)
        self.level, self.budget, self.seconds, self.jobs = level, budget, seconds, jobs
        self._arrays, self._contract, self._explain = arrays, claims, explain
        self.seal = Seal.of(salt, f"{self.operation}/{self.format}/{level}/{budget}/{sorted(claims.items())}")

    @property
    def commitment(self) -> str:
        """What may be published before the candidates are known: it fixes the cases."""
        return self.seal.commitment

    def stream(self, candidates: Iterable[Any]) -> Iterator[Verdict]:
        """One verdict for each candidate, in the order of completion.

        Parameters
        ----------
        candidates
            Source text (more than one line), SPECs, or callables. They are read before the first verdict.

        Yields
        ------
        Verdict
            Exactly one for each; ``candidate`` is its number. Nothing that a candidate does raises here.
        """
        tasks = [self._task(number, candidate) for number, candidate in enumerate(candidates)]
        pool: Pool[Task, Verdict] = Pool(one.run, one.lost, jobs=self.jobs, seconds=self.seconds)
        for _, verdict in pool.outcomes(tasks):
            yield verdict

    def _task(self, number: int, candidate: Any) -> Task:
        return Task(
            number=number,
            candidate=given(candidate),
            operation=self.operation,
            format=self.format,
            level=self.level,
            arrays=self._arrays,
            contract=self._contract,
            effort=self.budget,
            seed=self.seal.seed,
            commitment=self.commitment,
            explain=self._explain,
        )


def _domain(shapes: Sequence[tuple[int, int]] | None) -> dict[str, Any]:
    if shapes is None:
        return {}
    if not shapes or any(len(s) != 2 or s[0] < 1 or s[1] < 1 for s in shapes):
        raise UsageError(f"shapes={shapes!r}: give pairs (m, C) of at least 1.")
    classes = [c for _, c in shapes]
    return {"max_rows": max(m for m, _ in shapes), "min_classes": min(classes), "max_classes": max(classes)}
