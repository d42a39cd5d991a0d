"""Whether what a document names may be run.

A results document or a certificate is data, whoever it comes from. The SPEC in it may name any program, and its array
library any module; neither is run or imported because a document says so. What is registered (the bundled
implementations and those of installed packages) may be run, and what the user names or trusts.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from softcert_implementations.adapters.lookup import LIBRARIES
from softcert_implementations.resolving import entry_points
from softcert_oracle.errors import UsageError
from softcert_reports import document as doc
from softcert_reports.formatting.sanitise import one_line, short


@dataclass(frozen=True)
class Trust:
    """What the user's own command line allows a document to name.

    Attributes
    ----------
    everything
        Whether all that the document names may be run and imported.
    specs
        The SPECs that may be run.
    """

    everything: bool = False
    specs: tuple[str, ...] = ()

    def require(self, subject: doc.Subject, spec: str | None = None) -> None:
        """Refuse a recorded subject that may not be run.

        Parameters
        ----------
        subject
            As the document records it.
        spec
            The SPEC that is run in place of the recorded one; the user named it.

        Raises
        ------
        UsageError
            It names the SPEC or the array library that the document names, and what allows it.
        """
        if self.everything:
            return
        if spec is None and not (subject.spec in self.specs or _is_registered(subject.spec)):
            raise UsageError(
                f"the document names spec={_shown(subject.spec)} for {_shown(subject.name)}. A document is data, and "
                "only registered names are run because it names them. To run this one, name it yourself "
                f"({_option(subject.spec)}), or allow all that the document names with --trust."
            )
        if subject.arrays and subject.arrays not in LIBRARIES:
            raise UsageError(
                f"the document names arrays={_shown(subject.arrays)} for {_shown(subject.name)}, which imports a "
                f"module. A document is data: of itself it may name {', '.join(LIBRARIES)}. Allow it with --trust."
            )


NOTHING = Trust()
"""Only registered names."""

EVERYTHING = Trust(everything=True)
"""All that a document names: for documents that this very process has made."""


def _is_registered(spec: str) -> bool:
    return not spec.startswith("exec:") and not spec.endswith(".onnx") and spec in entry_points.registered()


def _option(spec: str) -> str:
    """The option that names a SPEC, as a shell takes it; without a SPEC that could be shown, its form."""
    shown = one_line(spec)
    return f"--spec {shlex.quote(spec)}" if spec and shown == spec and len(spec) <= 200 else "--spec SPEC"


def _shown(text: str) -> str:
    return repr(short(one_line(text), 200))
