"""The Python interface: `certify` a subject, `prove` it on every input of a shape, `rerun` one case of a finding."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from softcert.certification.plan import Plan
from softcert.commands import notebook
from softcert.commands.certify import Run
from softcert.executors import describe, worker
from softcert.results import baseline as baselines
from softcert.results.certificate import Certificate
from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation

if TYPE_CHECKING:
    from softcert_reports.proofs.record import ProofPart

Subject = Implementation | Callable[..., Any] | str


def certify(
    subject: Subject,
    *,
    op: str | None = None,
    dtypes: str | Sequence[str] | None = None,
    arrays: str | None = None,
    effort: str = "standard",
    level: str = "stable",
    seed: int = 0,
    isolation: str = "process",
    ops: Sequence[str] | None = None,
    baseline: str | Path | None = None,
    contract: Contract | Mapping[str, Any] | str | Path | None = None,
    call: str | None = None,
    properties: Sequence[str] | None = None,
    fail_fast: bool = False,
    jobs: int | None = None,
) -> Certificate:
    """Certify an implementation of softmax, log-softmax, log-sum-exp, cross-entropy or its gradient.

    Parameters
    ----------
    subject
        An `Implementation`, a callable, or a SPEC: ``package.module:attribute``, ``file.py:attribute``, a registered
        name, or ``exec:./program``. Logits have shape (m, C), labels (m,); operations run over the last axis.
    op
        Which operation a callable is; its own name tells otherwise.
    dtypes
        Formats, as a sequence or separated by commas; found out where they are left out.
    arrays
        The array library, such as "numpy" or "torch"; found out where it is left out.
    effort
        "quick", "standard" or "thorough": how many cases are run.
    level
        The level that is asked for: "sound", "stable", "accurate" or "faithful".
    seed
        Fixes everything that is drawn.
    isolation
        "process" runs the subject in a process of its own, "none" in this one.
    ops
        The operations to run; all that the subject has where it is left out.
    baseline
        A file of expected failures.
    contract
        What the subject claims, beside what an `Implementation` says itself.
    call
        How its functions take logits and labels and give their results, such as ``"labels=one-hot"``; left out, trial
        calls find out. It is the contract's field of this name.
    properties
        The properties to check, such as ``["shift", "layouts"]``; all of them where it is left out. Only what they need
        is run. The document says that the run was not complete, and nothing is certified by it.
    fail_fast
        Whether to end at the first finding. The document then says that the run was not complete.
    jobs
        How many processes share the operations and formats; left out, as many as the work is worth, one a core at
        most. It changes no result. A process with several threads, and ``isolation="none"``, have one job.

    Returns
    -------
    Certificate
        ``certified`` says whether the asked level is held everywhere. Inside a worker, which imports the file that
        defines its subject, nothing is run: ``certified`` is False there and the verdict is "not run".

    Raises
    ------
    UsageError
        A ValueError: for arguments that are not in the tables, and for a subject that cannot be found; never for what
        the subject does.

    Examples
    --------
    >>> import numpy as np
    >>> def softmax(x):
    ...     return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)
    >>> certificate = certify(softmax, dtypes="float32", effort="quick")
    >>> certificate.certified, certificate.findings[0].diagnosis.family
    (False, 'no max shift')
    """
    if worker.inside():
        return Certificate.inside_worker()
    plan = Plan.of(effort, level, seed, isolation=isolation, ops=ops, fail_fast=fail_fast, properties=properties)
    expected = None if baseline is None else baselines.load(baseline)
    names = tuple(dtypes.split(",")) if isinstance(dtypes, str) else dtypes
    described = describe(subject, isolation=isolation, op=op, dtypes=names, arrays=arrays, contract=contract, call=call)
    run = Run(plan, [described], jobs=jobs)
    run.certify(notebook.listener())
    for note in run.notes:
        warnings.warn(note, stacklevel=2)
    return Certificate.of(run.document("softcert.certify(...)", expected))


def rerun(subject: Subject, operation: str, case: Mapping[str, Any], **how: Any) -> str:
    """Run one case again and say what came of it.

    Parameters
    ----------
    subject
        As for `certify`.
    operation
        The operation to call.
    case
        A recipe as it stands in a results document.
    **how
        Keywords of `certify`: dtypes, arrays, contract, isolation.

    Returns
    -------
    The sentence of each property that fails, or that all hold.

    Raises
    ------
    UsageError
        For a broken recipe, or an operation or format that the subject does not have.
    """
    from softcert.commands.replay import replay_case

    how.setdefault("isolation", "process")
    return replay_case(describe(subject, **how), operation, case, how["isolation"])


def prove(
    subject: Subject,
    *,
    dtype: str,
    op: str | None = None,
    classes: int = 2,
    shape: str = "all",
    level: str = "stable",
    shard: str | None = None,
    rows_per_call: int | None = None,
    results: str | Path | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    executor: Any = None,
    arrays: str | None = None,
    contract: Contract | Mapping[str, Any] | str | Path | None = None,
    isolation: str = "process",
) -> ProofPart:
    """Prove by exhaustion: run every input of a shape, and hold every result against the exact value.

    Parameters
    ----------
    subject
        As for `certify`. Only a SPEC can be run by several processes.
    dtype, op, classes, shape
        The inputs: every row of ``classes`` classes in a format ("all"), or the rows [x, 0] ("zero").
    level
        The level that every result is held to.
    shard
        "K/N" runs the K-th of N shares.
    rows_per_call
        Rows of each call of the subject, 65536 where left out; 1 for losses that the contract reduces.
    results
        A file that the part is written to as the run goes on, and that it goes on from.
    jobs, scheduler, executor
        Processes on this machine; a Dask scheduler ("local" or its address); or any `concurrent.futures.Executor`.
        Processes import ``__main__``: in a script, ask for them under ``if __name__ == "__main__"``.
    arrays, contract, isolation
        As for `certify`.

    Returns
    -------
    ProofPart
        ``verdict`` is "proved", "refuted" or "incomplete"; ``tally`` has the counts.

    Raises
    ------
    UsageError
        For what is no subject, no shape, no shard or no engine.
    ProofStoppedError
        From `softcert.proofs.leaves`, where a call has no result or one of another form.

    Examples
    --------
    >>> part = prove("numpy_shifted", op="softmax", dtype="float8_e5m2", classes=1)
    >>> part.verdict, part.tally.rows, part.tally.correctly_rounded
    ('proved', 256, 248)
    """
    from softcert.commands.proofs import run as command

    asked = command.Asked(
        spec=subject,
        operation=op,
        format=dtype,
        classes=classes,
        shape=shape,
        level=level,
        rows_per_call=rows_per_call,
        shard=shard,
        arrays=arrays,
        contract=contract,
        isolation=isolation,
    )
    path = None if results is None else Path(results)
    return command.run(asked, results=path, jobs=1 if jobs is None else jobs, scheduler=scheduler, executor=executor)


__all__ = ["certify", "prove", "rerun"]
