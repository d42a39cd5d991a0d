"""What the report says of softcert's own truth: claims with their proofs, derivations, agreement of the witnesses.

Proving everything anew takes seconds, so the outcome is shipped with the package as data/ground_truth.json. It is
written by ``python -m softcert.results.ground_truth FILE...``. The files hold the output of runs of
``python -m softcert_oracle.crosscheck.witnesses`` (millions of elements take long); the tests prove everything again
and compare.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from softcert_oracle.errors import UsageError
from softcert_reports import document as doc
from softcert_reports.document.atomic import write_whole

_FILE = Path(__file__).parent / "data" / "ground_truth.json"


@lru_cache(maxsize=1)
def shipped() -> doc.GroundTruth:
    """The ground truth as it was proven when this version was made."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    return doc.GroundTruth(
        claims=tuple(data["claims"]),
        proofs=tuple(doc.Proof(**p) for p in data["proofs"]),
        witnesses=tuple(doc.Agreement(**a) for a in data["witnesses"]),
    )


def proven() -> dict[str, Any]:
    """Claims and proofs, executed now (some seconds)."""
    from softcert_oracle import claims, symbolic

    proofs = [
        {"name": f"derivation {k}", "statement": p.statement, "method": p.method, "mathml": p.mathml, "holds": p.holds}
        for k, p in enumerate(symbolic.proofs(), 1)
    ]
    return {"claims": claims.rulings_json(), "proofs": proofs}


def witnessed(paths: Iterable[str | Path]) -> list[dict[str, Any]]:
    """The agreements in files that hold the output of ``python -m softcert_oracle.crosscheck.witnesses``.

    A later file stands for an earlier one where both compare the same pair, format and operation. `UsageError` for a
    file without such a line.
    """
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for path in paths:
        lines = [line for line in Path(path).read_text(encoding="utf-8").splitlines() if line.startswith("[{")]
        if not lines:
            raise UsageError(f"{str(path)!r} holds no output of `python -m softcert_oracle.crosscheck.witnesses`.")
        for agreement in json.loads(lines[-1]):
            found[agreement["pair"], agreement["format"], agreement["operation"]] = agreement
    return [found[key] for key in sorted(found)]


def main(paths: Iterable[str | Path]) -> None:
    """Prove everything, take the witnesses' agreement from files, and write what is shipped."""
    data = {**proven(), "witnesses": witnessed(paths)}
    write_whole(_FILE, json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    print(f"{_FILE.name}: {len(data['claims'])} claims, {len(data['proofs'])} proofs, {len(data['witnesses'])} pairs.")


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
