"""A part of a proof as its one canonical JSON file, with a digest of its content, and refused if it was changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from softcert_reports.document.atomic import write_whole
from softcert_reports.document.errors import DocumentError
from softcert_reports.proofs.record import BINS, Leaf, ProofPart, ProofPlan, ProofTally

KIND = "softcert proof"
_VERSION = 1
_LARGEST_FILE = 4 << 20


def digest_of(data: Any) -> str:
    """SHA-256 of plain data as canonical JSON."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def content_digest(part: ProofPart) -> str:
    """The digest of a part: of its plan, its leaves and its tally, not of its times."""
    return digest_of(
        {"plan": asdict(part.plan), "leaves": [asdict(k) for k in part.leaves], "tally": asdict(part.tally)}
    )


def save(part: ProofPart, path: Path) -> None:
    """Write a part.

    Raises
    ------
    DocumentError
        For a path that cannot be written.
    """
    data = {
        "kind": KIND,
        "version": _VERSION,
        "content_digest": content_digest(part),
        "verdict": part.verdict,
        "plan": asdict(part.plan),
        "tally": asdict(part.tally),
        "leaves": {str(leaf.number): leaf.digest for leaf in part.leaves},
        "times": {"seconds": part.seconds, "subject_seconds": part.subject_seconds},
    }
    write_whole(path, json.dumps(data, indent=1, allow_nan=False) + "\n")


def is_proof(path: Path) -> bool:
    """Whether a file says that it is a part of a proof; False for what cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(data, dict) and data.get("kind") == KIND


def load(path: Path) -> ProofPart:
    """Read a part.

    Raises
    ------
    DocumentError
        For a file that cannot be read, is no part of a proof, or was changed since it was written.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise DocumentError(f"{path} is too large for a proof. Give a file that softcert prove wrote.")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror or error}. Give a part of a proof.") from None
    except (ValueError, RecursionError):
        raise DocumentError(f"{path} is no JSON document. Give a part of a proof.") from None
    part = _decoded(data, path)
    if data.get("content_digest") != content_digest(part) or data.get("verdict") != part.verdict:
        raise DocumentError(f"{path} was changed since it was written: its digest is not that of its content.")
    _check(part, path)
    return part


def _decoded(data: Any, path: Path) -> ProofPart:
    from pydantic import TypeAdapter, ValidationError

    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise DocumentError(f"{path} is no part of a proof. Give a file that softcert prove wrote.")
    if data.get("version") != _VERSION:
        raise DocumentError(f"{path} has version {data.get('version')!r} of proofs; this softcert reads {_VERSION}.")
    try:
        leaves = tuple(Leaf(number=int(k), digest=str(v)) for k, v in data["leaves"].items())
        return ProofPart(
            plan=TypeAdapter(ProofPlan).validate_python(data["plan"]),
            leaves=tuple(sorted(leaves, key=lambda leaf: leaf.number)),
            tally=TypeAdapter(ProofTally).validate_python(data["tally"]),
            seconds=float(data["times"]["seconds"]),
            subject_seconds=float(data["times"]["subject_seconds"]),
        )
    except (ValidationError, KeyError, TypeError, ValueError, AttributeError) as error:
        first = str(error).splitlines()[0]
        raise DocumentError(f"{path} is a broken part of a proof: {first}. Run its shard again.") from None


def _check(part: ProofPart, path: Path) -> None:
    """Refuse a part whose counts contradict one another, whatever its digest says."""
    plan, tally = part.plan, part.tally
    numbers = [leaf.number for leaf in part.leaves]
    sound = (
        plan.rows > 0
        and plan.rows_per_call > 0
        and 0 < plan.leaves <= -(-plan.rows // plan.rows_per_call)
        and len(set(numbers)) == len(numbers)
        and all(0 <= k < plan.leaves for k in numbers)
        and tally.rows == sum(high - low for low, high in map(plan.leaf, numbers))
        and len(tally.histogram) == len(BINS)
        and tally.special + sum(tally.histogram) + tally.not_judged == tally.rows
        and tally.histogram[0] == tally.correctly_rounded <= tally.faithful <= tally.rows - tally.special
        and (tally.failing > 0) == (tally.first_failing is not None)
        and tally.special_wrong <= tally.failing
    )
    if not sound:
        raise DocumentError(f"{path} contradicts itself: its counts do not fit its plan. Run its shard again.")
