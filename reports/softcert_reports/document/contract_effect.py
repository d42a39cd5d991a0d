"""The record of what a contract leaves of the default domain and of the default limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from softcert_reports.document.fields import Count, Record, Size


@dataclass(frozen=True, kw_only=True)
class ContractEffect(Record):
    """What a contract leaves of one operation in one format, where that is less than the default contract does.

    ``admitted`` of the ``cases`` of the fixed battery under the default contract lie inside this contract's domain.
    ``limit_factors``, by level: the largest limit under this contract divided by that under the default one, on rows of
    10, 1000 and 131072 classes. ``unrefuted`` names degenerate outputs, such as "zeros", that no admitted case tells
    from the truth: whatever passes may be one of them, so no level is held.
    """

    operation: str
    format: str
    admitted: Count
    cases: Count
    limit_factors: Mapping[str, Size] = field(default_factory=dict)
    unrefuted: tuple[str, ...] = ()
