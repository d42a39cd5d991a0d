"""A proof in words: for a terminal, a page and a badge. "Every input" is said of complete proofs only."""

from __future__ import annotations

from softcert_reports.proofs.files import content_digest
from softcert_reports.proofs.merge import missing
from softcert_reports.proofs.record import BINS, ProofPart, Witness


def headline(part: ProofPart) -> str:
    """One sentence: what is proved, refuted or missing."""
    plan, tally = part.plan, part.tally
    what = f"{plan.operation} of {inputs(part)}"
    if part.verdict == "refuted":
        run = f"all {plan.rows} inputs" if part.complete else f"the {tally.rows} inputs that were run"
        return f"Refuted: {plan.subject} does not hold level “{plan.level}” on {tally.failing} of {run}: {what}."
    if part.verdict == "proved":
        right = tally.correctly_rounded == tally.rows - tally.special
        faithful = tally.faithful == tally.rows - tally.special
        how = "is correctly rounded" if right else "is faithful" if faithful else f"holds level “{plan.level}”"
        return f"Proved: {plan.subject} {how} on every one of {plan.rows} inputs: {what}."
    if part.complete:
        return (
            f"Incomplete: of {plan.rows} inputs, {tally.undecided} are undecided and the limit says nothing about "
            f"{tally.not_judged}: {plan.subject}, {what}."
        )
    share = 100 * tally.rows / plan.rows
    return (
        f"Incomplete: {tally.rows} of {plan.rows} inputs were run ({share:.3g} %), none fails: {plan.subject}, {what}."
    )


def inputs(part: ProofPart) -> str:
    """The inputs in words."""
    plan = part.plan
    rows = f"[x, 0] in {plan.format}" if plan.shape == "zero" else f"{plan.classes} classes in {plan.format}"
    return f"{rows}, with every label" if "cross_entropy" in plan.operation else rows


def lines(part: ProofPart) -> list[str]:
    """The whole part, a line for each fact."""
    plan, tally = part.plan, part.tally
    ordinary = tally.rows - tally.special
    out = [
        headline(part),
        f"    level     {plan.level}; {plan.rows_per_call} rows a call, {plan.leaves} leaves",
        f"    contract  {plan.contract}",
        f"    inputs    {tally.rows} of {plan.rows}: {ordinary} with a finite maximum, {tally.special} special",
        f"    special   {tally.special_wrong} wrong; {tally.nan} inputs with a NaN in the result",
        f"    correctly rounded  {tally.correctly_rounded} of {ordinary}",
        f"    faithful           {tally.faithful} of {ordinary}",
        f"    failing            {tally.failing}",
        *(f"    {name:<18} {n}" for name, n in zip(BINS[1:], tally.histogram[1:], strict=True) if n),
    ]
    for name, count in (("undecided", tally.undecided), ("limit says nothing", tally.not_judged)):
        out += [f"    {name:<18} {count}"] if count else []
    if tally.largest is not None:
        out.append(f"    largest error      {of_witness(tally.largest)}")
    elif ordinary:
        out.append("    largest error      at most 0.5 ulp: every result is correctly rounded")
    if tally.first_failing is not None:
        out.append(f"    first failing      {of_witness(tally.first_failing)}")
    if not part.complete:
        out.append(f"    missing   leaves {missing(part)}")
    out.append(f"    times     {part.seconds:.1f} s of judging, {part.subject_seconds:.1f} s in the subject's calls")
    out.append(f"    digest    {content_digest(part)}")
    return out


def of_witness(witness: Witness) -> str:
    """A row with its result."""
    label = "" if witness.label is None else f", label {witness.label}"
    got = ", ".join(_number(v) for v in witness.result)
    x = ", ".join(_number(v) for v in witness.logits)
    return f"{float.fromhex(witness.ulp):.6g} ulp: [{x}]{label} gives [{got}] (input {witness.row})"


def _number(text: str) -> str:
    return f"{float.fromhex(text):.9g}"
