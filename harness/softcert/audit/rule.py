"""The rule behind a preset's audit: where it was read, and what of its published sizes was run."""

from __future__ import annotations

from collections.abc import Iterator

from softcert.audit.presets.table import PRESETS
from softcert.audit.run import Audit

PREFIX = "preset:"
"""Begins the name of a check that is a preset."""


def lines(found: Audit) -> Iterator[str]:
    """The rule in lines; none where the check is no preset."""
    known = PRESETS.get(found.check.removeprefix(PREFIX)) if found.check.startswith(PREFIX) else None
    if known is None:
        return
    yield f"rule: {known.title}; {known.source}; read on {known.read}"
    if known.draws(found.effort) < known.seeds:
        yield f"  published: {known.seeds} draws of each input; run on {known.draws(found.effort)}"
    for published, run, classes in known.sizes(found.operation, found.effort):
        if run < published:
            yield f"  published: {published} rows of {classes} classes; run on {run} (effort {found.effort})"
