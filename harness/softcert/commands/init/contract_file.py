"""The contract that ``softcert init`` writes: what was inferred is claimed, every other field is a comment."""

from __future__ import annotations

import re
from collections.abc import Mapping

import tomli_w

from softcert_implementations.contract import FIELDS, Contract
from softcert_implementations.contract_fields import TABLE, default, toml
from softcert_reports.formatting.sanitise import one_line

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def contract_file(spec: str, contract: Contract) -> str:
    """A contract in TOML.

    Parameters
    ----------
    spec
        The subject's SPEC, for the heading.
    contract
        What the subject claims so far. The file claims the same and nothing else.
    """
    claimed = contract.deviations()
    plain = {name: value for name, value in claimed.items() if not isinstance(value, Mapping)}
    tables = {name: dict(value) for name, value in claimed.items() if isinstance(value, Mapping)}
    lines = [
        f"# What {one_line(spec)} claims. Fields in a comment have their default;",
        "# take the # away to claim what the line says. docs/contract.md of softcert derives the effects.",
    ]
    for name in FIELDS:
        if name in tables:
            continue
        field = TABLE[name]
        meaning = _LINK.sub(r"\1", field.meaning)
        lines += ["", f"# {meaning}", f"# {field.type}; default {default(name)}; limits: {field.effect}"]
        lines.append(f"{name} = {toml(plain[name])}" if name in plain else f"# {name} = {toml(field.example)}")
    return "\n".join(lines) + "\n" + (f"\n{tomli_w.dumps(tables)}" if tables else "")
