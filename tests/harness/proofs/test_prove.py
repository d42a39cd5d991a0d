"""Proofs of small shapes, whole: what holds, what does not, and one wrong row among all."""

from __future__ import annotations

import json
from dataclasses import replace

import ml_dtypes
import numpy as np
import pytest

from softcert import Implementation, UsageError, certify, prove
from softcert.commands.proofs.run import Asked, merge, rerun, run
from softcert.proofs.judging import judged
from softcert.proofs.leaves import ProofStoppedError
from softcert.proofs.plan import plan_of, subject_of
from softcert.proofs.prove import here, shard_of
from softcert_oracle.exhaustive.ranks import ranks
from softcert_oracle.levels import Level
from softcert_reports.document.errors import DocumentError
from softcert_reports.proofs.files import content_digest, load

E5M2 = {"dtype": "float8_e5m2", "classes": 2}


def rounded(x):
    """A softmax in float64, rounded once."""
    with np.errstate(all="ignore"):
        wide = x.astype(np.float64)
        e = np.exp(wide - wide.max(axis=-1, keepdims=True))
        return (e / e.sum(axis=-1, keepdims=True)).astype(x.dtype)


def one_wrong(x):
    """The same, wrong on the single row [0.75, -1.25]."""
    got = rounded(x)
    hit = (x[:, 0] == ml_dtypes.float8_e5m2(0.75)) & (x[:, 1] == ml_dtypes.float8_e5m2(-1.25))
    got[hit, 0] = 0.5
    return got


def subject(function, **claims):
    """A softmax of float8_e5m2 whose contract is the default one."""
    return Implementation(
        "mine", {"softmax": function}, ("float8_e5m2",), special_values="limit or nan", batched=True, **claims
    )


def test_a_softmax_that_is_rounded_once_is_proved():
    part = prove(subject(rounded), **E5M2)
    assert part.verdict == "proved"
    assert part.tally.rows == 65536
    assert part.tally.special == 65536 - 250 * 250 + 4 * 125  # not finite in both, and [finite, -inf] is ordinary
    assert part.tally.correctly_rounded == part.tally.rows - part.tally.special


def test_one_wrong_row_is_found_and_named():
    part = prove(subject(one_wrong), **E5M2)
    assert part.verdict == "refuted"
    assert part.tally.failing == 1
    found = part.tally.first_failing
    assert found is not None
    assert [float.fromhex(v) for v in found.logits] == [0.75, -1.25]
    assert found == part.tally.largest
    assert part.tally.faithful == part.tally.rows - part.tally.special - 1


def test_the_level_decides():
    part = prove("numpy_shifted", op="softmax", dtype="float8_e5m2", classes=2, level="faithful")
    assert part.verdict == "refuted"
    assert part.tally.failing >= part.tally.rows - part.tally.special - part.tally.faithful
    lower = prove("numpy_shifted", op="softmax", dtype="float8_e5m2", classes=2, level="sound")
    assert lower.tally.failing < part.tally.failing
    assert lower.tally.faithful == part.tally.faithful


@pytest.mark.parametrize(
    ("operation", "spec"),
    [
        ("softmax", "faithful"),
        ("log_softmax", "faithful"),
        ("logsumexp", "faithful"),
        ("cross_entropy", "softcert_implementations.bundled.faithful.per_row:IMPLEMENTATION"),
        ("cross_entropy_grad", "softcert_implementations.bundled.faithful.per_row:IMPLEMENTATION"),
    ],
)
@pytest.mark.parametrize("format", ["float8_e4m3fn", "float8_e5m2"])
def test_faithful_is_correctly_rounded_on_every_input_of_two_classes_in_8_bits(operation, spec, format):
    part = prove(spec, op=operation, dtype=format, classes=2, level="faithful")
    assert part.verdict == "proved"
    assert part.tally.correctly_rounded == part.tally.rows - part.tally.special


def test_shards_in_any_calls_give_the_whole(tmp_path):
    asked = Asked(spec="naive", operation="softmax", format="float8_e5m2", classes=2, rows_per_call=4096)
    whole = run(asked, jobs=1)
    paths = [tmp_path / f"{k}.json" for k in (1, 2, 3)]
    for k, path in enumerate(paths, 1):
        run(replace(asked, shard=f"{k}/3"), results=path, jobs=1)
    assert content_digest(merge(paths[::-1])) == content_digest(whole)
    assert merge(paths[:2]).verdict in ("incomplete", "refuted")
    with pytest.raises(DocumentError, match="stand in two parts"):
        merge([*paths, paths[0]])


def test_a_run_goes_on_from_what_is_saved(tmp_path):
    asked = Asked(spec="numpy_shifted", operation="softmax", format="float8_e5m2", classes=2, rows_per_call=4096)
    path, steps = tmp_path / "part.json", []
    run(replace(asked, shard="1/2"), results=path, jobs=1)
    part = run(asked, results=path, jobs=1, told=steps.append)
    assert len(steps) == 8
    assert part.complete
    assert content_digest(part) == content_digest(run(asked, jobs=1))
    run(asked, results=path, jobs=1, told=steps.append)
    assert len(steps) == 8
    with pytest.raises(UsageError, match="another proof"):
        run(replace(asked, level="sound"), results=path, jobs=1)


def test_a_run_that_is_stopped_keeps_its_leaves(tmp_path):
    def stopping(x):
        if x[0, 0] == 0:
            raise ValueError("no zeros")
        return rounded(x)

    asked = Asked(spec=subject(stopping), operation="softmax", format="float8_e5m2", classes=2, rows_per_call=256)
    with pytest.raises(ProofStoppedError, match=r"no result \(exception: .*no zeros"):
        run(asked, results=tmp_path / "part.json", jobs=1)
    assert 100 < len(load(tmp_path / "part.json").leaves) < 256


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda x: rounded(x)[:, :1], r"the result is float8_e5m2 \(65536, 1\); it must be float8_e5m2 \(65536, 2\)"),
        (lambda x: rounded(x).astype(np.float32), "the result is float32"),
    ],
)
def test_a_result_of_another_form_proves_nothing(wrong, says):
    with pytest.raises(ProofStoppedError, match=says):
        prove(subject(wrong), **E5M2)


def test_a_rerun_gives_the_same_leaves_and_shows_altered_ones(tmp_path):
    path = tmp_path / "part.json"
    asked = Asked(spec="numpy_shifted", operation="softmax", format="float8_e5m2", classes=2, rows_per_call=4096)
    part = run(asked, results=path, jobs=1)
    assert rerun(part, 3, seed=1)[0] == []
    forged = replace(part, leaves=tuple(replace(leaf, digest="sha256:0") for leaf in part.leaves))
    assert len(rerun(forged, 3, seed=1)[0]) == 3


def test_nan_results_are_counted_and_payloads_change_no_digest():
    part = prove("naive", op="softmax", dtype="float8_e5m2", classes=2)
    assert part.tally.nan > part.tally.special
    assert part.tally.first_failing is not None


def test_a_mean_is_proved_row_by_row_or_not_at_all():
    part = prove("faithful", op="cross_entropy", dtype="float8_e4m3fn", classes=1)
    assert part.verdict == "proved"
    assert part.plan.rows_per_call == 1
    with pytest.raises(UsageError, match="reduces to the mean"):
        prove("faithful", op="cross_entropy", dtype="float8_e4m3fn", classes=1, rows_per_call=2)
    with pytest.raises(UsageError, match="reduction 'none'"):
        prove("faithful", op="cross_entropy", dtype="bfloat16", classes=2)


def one_wrong_among_all(x):
    """Wrong on the single row [1.2109375, -0.68359375] of bfloat16."""
    got = rounded(x)
    hit = (x[:, :1] == ml_dtypes.bfloat16(1.2109375)) & (x[:, 1:] == ml_dtypes.bfloat16(-0.68359375))
    if x.shape[1] == 2:
        got[hit[:, 0], 0] = 0.5
    return got


@pytest.mark.slow
def test_no_sampling_finds_the_row_that_the_proof_finds():
    mine = Implementation("mine", {"softmax": one_wrong_among_all}, ("bfloat16",), batched=True)
    assert certify(mine, effort="quick", ops=("softmax",), properties=("accuracy",)).findings == ()
    inputs = subject_of(mine, "softmax", "bfloat16", 2)
    known = ranks("bfloat16")
    row = (int(np.flatnonzero(known.values == 1.2109375)[0]) << 16) + int(
        np.flatnonzero(known.values == -0.68359375)[0]
    )
    plan = replace(plan_of(inputs, ""), leaves=1 << 16)
    (part,) = here(plan, [row >> 16], inputs)
    assert part.tally.failing == 1
    assert part.tally.first_failing is not None
    assert part.tally.first_failing.row == row


def _shifted(shape, low, count):
    x, _ = shape.build(low, low + count)
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def test_the_rows_with_a_zero_are_judged_in_float32():
    asked = subject_of("numpy_shifted", "softmax", "float32", 2, shape="zero")
    plan = plan_of(asked, "numpy_shifted", rows_per_call=1 << 12)
    rows = judged(asked.shape, asked.terms, Level.STABLE, 0x40000000, _shifted(asked.shape, 0x40000000, 512))
    assert (rows.rows, rows.failing, rows.special) == (512, 0, 0)
    assert 0 < rows.correctly_rounded < rows.faithful < 512
    assert plan.rows == 2**32
    assert plan.leaf(255)[1] == 2**32


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "a/b", "1/100000", "-1/2"])
def test_what_is_no_shard_is_refused(shard):
    plan = plan_of(subject_of("numpy_shifted", "softmax", "float8_e5m2", 2), "numpy_shifted")
    with pytest.raises(UsageError, match="--shard"):
        shard_of(plan, shard)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"dtype": "float8_e5m2", "level": "perfect"}, "perfect"),
        ({"dtype": "float8_e5m2", "rows_per_call": 0}, "rows_per_call=0"),
        ({"dtype": "float8_e5m2", "jobs": 0}, "jobs=0"),
        ({"dtype": "float32"}, "2\\^64 rows"),
        ({"dtype": "float9"}, "float9"),
        ({"dtype": "float8_e5m2", "scheduler": "nowhere"}, "--scheduler 'nowhere'"),
    ],
)
def test_wrong_use_is_one_sentence(given, says):
    with pytest.raises(UsageError, match=says):
        prove("numpy_shifted", op="softmax", **given)


def test_the_document_is_plain_json(tmp_path):
    prove("numpy_shifted", op="softmax", **E5M2, results=tmp_path / "p.json")
    data = json.loads((tmp_path / "p.json").read_text())
    assert data["kind"] == "softcert proof"
    assert data["plan"]["rows_per_call"] == 65536
