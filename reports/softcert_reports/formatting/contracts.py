"""What a contract leaves of the default domain and limits, in one line that stands wherever the verdict stands."""

from __future__ import annotations

from collections.abc import Sequence

from softcert_reports.document import ContractEffect, Document, Subject
from softcert_reports.formatting.numbers import share
from softcert_reports.formatting.sanitise import one_line, short

_SHOWN = 3  # units in one line; how many more there are is said
_WIDER = 1.05  # a factor below would be shown as 1
_BEYOND = 1e6  # a factor above says no more than that the limit means nothing there


def contract_line(subject: Subject, document: Document) -> str:
    """What the contract of a subject leaves, the smallest share and the widest limit first.

    Parameters
    ----------
    subject
        The implementation.
    document
        Its run: the limits are those of the level that was asked for.

    Returns
    -------
    str
        Such as "contract: 31 % of the default domain; softmax limit 2.4 times wider"; "" where it leaves everything.
    """
    effects = subject.contract_effects
    narrowed = sorted((e for e in effects if e.admitted < e.cases), key=lambda e: e.admitted / e.cases)
    level = str(document.asked_level) if document.asked_level != "faithful" else "accurate"
    wider = sorted(effects, key=lambda e: -e.limit_factors.get(level, 0.0))
    wider = [e for e in wider if e.limit_factors.get(level, 0.0) >= _WIDER]
    parts = [_shares(subject, narrowed)] if narrowed else []
    parts += [f"{_place(subject, e)} limit {_factor(e.limit_factors[level])} wider" for e in wider[:_SHOWN]]
    parts += [f"and {len(wider) - _SHOWN} more limits wider"] if len(wider) > _SHOWN else []
    proven = [e for e in effects if e.unrefuted]
    parts += [f"nothing is proven of {_place(subject, e)}" for e in proven[:_SHOWN]]
    return f"contract: {'; '.join(parts)}" if parts else ""


def contract_lines(document: Document) -> list[tuple[Subject, str]]:
    """The subjects whose contract leaves less than the default one, each with its line."""
    lines = ((subject, contract_line(subject, document)) for subject in document.subjects)
    return [(subject, line) for subject, line in lines if line]


def _shares(subject: Subject, narrowed: Sequence[ContractEffect]) -> str:
    shares = [share(e.admitted, e.cases) for e in narrowed]
    units = sum(map(len, subject.levels.values()))
    if len(narrowed) >= units and len(set(shares)) == 1:
        return f"{shares[0]} of the default domain"
    shown = [f"{_place(subject, e)} {part}" for e, part in zip(narrowed[:_SHOWN], shares, strict=False)]
    more = f" and {len(narrowed) - _SHOWN} more" if len(narrowed) > _SHOWN else ""
    return f"{', '.join(shown)}{more} of the default domain"


def _place(subject: Subject, effect: ContractEffect) -> str:
    name = f"{effect.operation} in {effect.format}" if len(subject.formats) > 1 else effect.operation
    return short(one_line(name), 60)


def _factor(factor: float) -> str:
    if factor >= _BEYOND:
        return "more than a million times"
    return f"{factor:.2g} times" if factor < 1000 else f"{factor:,.0f} times"
