"""Hypothesis's draws depend on the seed and on nothing else."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from types import SimpleNamespace

from softcert.cases.case import Case
from softcert.engine import hypothesis_search
from softcert_oracle.levels import Level


def drawn(seed: int) -> list[Case]:
    cases: list[Case] = []

    def run(case: Case) -> SimpleNamespace:
        cases.append(case)
        return SimpleNamespace(stable_accuracy=None, up_to=lambda level: ())

    session = SimpleNamespace(
        terms=SimpleNamespace(format="float32"),
        admit=lambda case: case,
        run=run,
        control=SimpleNamespace(exhausted=False),
        tally=SimpleNamespace(domain=SimpleNamespace(regimes=Counter())),
    )
    hypothesis_search.explore(session, examples=60, seed=seed, level=Level.STABLE)
    return cases


def test_the_same_seed_draws_the_same_cases_whatever_modules_are_loaded(tmp_path, monkeypatch):
    before = drawn(3)
    file = tmp_path / "subject_with_numbers.py"
    file.write_text("\n".join(f"C{k} = {k}.0625\nD{k} = {700 + k}" for k in range(200)))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, file.stem, module)
    spec.loader.exec_module(module)
    assert drawn(3) == before
    assert drawn(4) != before
