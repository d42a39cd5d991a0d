"""`softcert tolerance`: the derived pair covers honest results, and verdicts name what passes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from softcert.cli.main import app
from softcert.tolerances.derive import Pair
from softcert.tolerances.inputs import draw
from softcert.tolerances.report import answer, text
from softcert.tolerances.verdict import BELOW_ULP, NARROW, SENSIBLE, VACUOUS
from softcert_implementations.gallery import textbook
from softcert_oracle import operations
from softcert_oracle.errors import UsageError


@pytest.mark.parametrize("operation", operations.CORE)
@pytest.mark.parametrize("format", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("law", ["normal", "uniform"])
def test_honest_results_meet_the_derived_pair_on_other_draws(operation, format, law):
    found = answer(operation, format, 100, inputs=law)
    from softcert.testing import expected

    for seed in range(50, 60):
        given = draw(law, format, 8, 100, seed).arguments(operation)
        got, right = (
            np.asarray(f(*given), np.float64)
            for f in (getattr(textbook, operation), lambda *a: expected(operation, *a))
        )
        assert (np.abs(got - right) <= found.own.pair.on(right)).all()


def test_a_pair_below_one_ulp_is_called_so():
    assert answer("log_softmax", "float32", 10, pair=Pair(atol=0.0, rtol=1e-8)).given.kind == BELOW_ULP


def test_a_pair_that_zeros_pass_is_vacuous_and_zeros_are_named_with_their_error():
    found = answer("softmax", "float32", 4096, rows=2, inputs="uniform", pair=Pair(atol=1e-2, rtol=1e-2)).given
    zeros = next(w for w in found.passing if w.name == "softmax_zeros")
    assert found.kind == VACUOUS
    assert zeros.relative == 1.0
    assert zeros.of_tolerance < 0.1


def test_a_constant_denominator_is_named_where_the_theorem_gives_it_away():
    found = answer("cross_entropy", "bfloat16", 32000, rows=8, pair=Pair(atol=1e-3, rtol=1e-2))
    name = "cross_entropy_normal_denominator"
    assert found.given.kind == VACUOUS
    assert name in {w.name for w in found.given.passing}
    assert next(w for w in found.own.passing if w.name == name).unseen
    assert "no tolerance tells them on these inputs" in text(found)


def test_a_pair_between_ulp_and_limit_is_narrow_and_a_wide_enough_one_is_sensible():
    own = answer("softmax", "float32", 10).own
    assert own.kind == SENSIBLE
    assert answer("softmax", "float32", 10, pair=Pair(atol=0.0, rtol=own.pair.rtol / 4)).given.kind == NARROW


def test_inputs_of_a_file_are_its_own(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, x=np.zeros((3, 7), np.float32), labels=np.array([0, 1, 6]))
    assert answer("cross_entropy", "float32", 10, inputs=str(path)).samples[0].draw.x.shape == (3, 7)
    with pytest.raises(UsageError, match="cannot be read"):
        answer("softmax", "float32", 10, inputs=str(tmp_path / "none.npy"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("softmaxx", "float32", 10), "unknown operation"),
        (("softmax", "float31", 10), "unknown format"),
        (("softmax", "float32", 0), "classes=0"),
    ],
)
def test_a_mistake_is_named(arguments, told):
    with pytest.raises(UsageError, match=told):
        answer(*arguments)


def test_the_command_ends_with_1_for_a_vacuous_pair_and_writes_json(tmp_path, capsys):
    file = tmp_path / "t.json"
    command = ["tolerance", "softmax", "--classes", "4096", "--rows", "2", "--atol", "1e-2", "--json", str(file)]
    with pytest.raises(SystemExit) as ended:
        app(command)
    assert ended.value.code == 1
    assert "torch.testing.assert_close(got, expected" in capsys.readouterr().out
    assert json.loads(file.read_text())["given"]["verdict"] == VACUOUS
