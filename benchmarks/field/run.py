"""Runs the field: one process of `softcert certify` for each entry and format, each kept in a file of its own.

A part is run again only if its key changes: a digest of the entry, its glue, the versions of its libraries and
softcert's own sources. So an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import tomli_w
from benchmarks.field.entries import ENTRIES, PHASES, Entry

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 600.0
"""What one part may take; libraries that compile for each shape take longest."""
_PACKAGES = ("harness", "oracle", "implementations", "reports")
_WRONG_USE = 2


def version(distribution: str) -> str:
    """The installed version; "" if there is none."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def sources() -> str:
    """A digest of softcert's sources: results of another softcert are not reused."""
    total = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            total.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return total.hexdigest()


def key(entry: Entry, format: str, softcert: str) -> str:
    """What a part depends on, as a digest."""
    versions = {name: version(name) for name in entry.distributions}
    facts = json.dumps([asdict(entry), versions, format, softcert], sort_keys=True).encode()
    return hashlib.sha256(facts + entry.source()).hexdigest()


def run(folder: Path, only: Iterable[str] = (), formats: Iterable[str] = PHASES, seconds: float = SECONDS) -> None:
    """Run what is missing in ``folder``, with a line of progress for each part.

    Parameters
    ----------
    folder
        Where the parts are: KEY-FORMAT.json (softcert's results) and KEY-FORMAT.state.json (how it ended).
    only
        Keys of entries; all, if empty.
    formats
        The formats to run, in this order.
    seconds
        The wall-clock time that a part may take; a part that takes longer is "not run".
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen = set(only)
    parts = [(e, f) for f in formats for e in ENTRIES if f in e.formats and (not chosen or e.key in chosen)]
    softcert = sources()
    for number, (entry, format) in enumerate(parts, 1):
        stem, digest = folder / f"{entry.key}-{format}", key(entry, format, softcert)
        known = state(stem)
        if known.get("key") == digest and known["outcome"] == "run":
            outcome = "kept"
        else:
            started = time.monotonic()
            reason = _one(entry, format, stem, seconds)
            outcome = f"not run: {reason}" if reason else "run"
            facts = {"key": digest, "outcome": outcome, "seconds": round(time.monotonic() - started, 1)}
            stem.with_suffix(".state.json").write_text(json.dumps(facts, indent=1) + "\n")
        print(f"[{number}/{len(parts)}] {entry.title}, {format}: {outcome}", flush=True)


def state(stem: Path) -> Mapping[str, str]:
    """How a part ended; empty if it was not run."""
    path = stem.with_suffix(".state.json")
    return json.loads(path.read_text()) if path.exists() else {}


def _one(entry: Entry, format: str, stem: Path, seconds: float) -> str:
    """Certify one entry in one format; why it was not run, or "" if it was."""
    missing = [name for name in entry.distributions if not version(name)]
    results = stem.with_suffix(".json")
    results.unlink(missing_ok=True)
    if missing:
        return f"{', '.join(missing)} is not installed"
    absent = [name for name in entry.programs if shutil.which(name) is None]
    if absent:
        return f"it calls {', '.join(absent)}, which is not there"
    command = [*_command(entry, format, stem), "--results", str(results)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **entry.environment}
    try:
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, timeout=seconds, capture_output=True, text=True, errors="replace"
        )
    except subprocess.TimeoutExpired:
        results.unlink(missing_ok=True)
        return f"took more than {seconds:g} s"
    if ended.returncode < 0:
        return f"ended by {signal.Signals(-ended.returncode).name}"
    if ended.returncode == _WRONG_USE or not results.exists():
        return " ".join(ended.stderr.split())[-300:] or f"ended with exit code {ended.returncode}"
    found = json.loads(results.read_text())
    return "" if found["complete"] else f"stopped: {found['incomplete_reason']}"


def _command(entry: Entry, format: str, stem: Path) -> Iterator[str]:
    yield from (sys.executable, "-m", "softcert", "certify", entry.spec, "--dtype", format)
    yield from ("--effort", "quick", "--jobs", "1")
    if entry.arrays:
        yield from ("--arrays", entry.arrays)
    claims = entry.claims(format)
    if claims:
        contract = stem.with_suffix(".toml")
        contract.write_text(tomli_w.dumps(claims))
        yield from ("--contract", str(contract))
