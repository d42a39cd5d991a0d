"""A crude judge for the gallery's own tests: right within a few dozen roundings, or not.

It stands apart from the harness on purpose, so that a model and the suite cannot be wrong together. The five
core operations are compared with the oracle; options and products with vectors with float64 formulas.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from softcert_implementations.gallery import memory
from softcert_implementations.gallery.model import Defect, Function
from softcert_oracle import operations
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

ROUNDINGS = 64  # unit roundoffs of slack: far above a correct result for C < 50, far below a defect


def arguments(operation: str, given: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Positional arguments in the order of the table of operations, and the options."""
    rest = {k: v for k, v in given.items() if k != "history"}
    positional = []
    for each in operations.OPERATIONS[operation].arguments:
        if each.name == "labels":
            default: Any = np.zeros(len(given["x"]), np.int64)
        elif each.name == "upstream":
            default = np.cos(np.arange(given["x"].size, dtype=np.float64)).reshape(given["x"].shape)
            default = default.astype(given["x"].dtype)
        else:
            default = None
        positional.append(rest.pop(each.name, default))
    return positional, rest


def expected(operation: str, positional: list[Any], options: dict[str, Any]) -> np.ndarray:
    """The right result in float64 (special values as limits, NaN where there is none)."""
    x = positional[0]
    labels = np.asarray(positional[1]) if operation.startswith("cross") else None
    inside = labels is None or bool(((labels >= 0) & (labels < x.shape[1])).all())
    if operation in operations.CORE and inside and not {k for k in options if k != "out"}:
        return np.asarray(truth.reference(operation, truth.rows(x), labels).to_float())
    with np.errstate(all="ignore"):
        given = operations.OPERATIONS[operation].arguments
        exact = [_float64(v) if each.kind == "values" else v for each, v in zip(given, positional, strict=True)]
        return _with_options(operation, exact, options)


def _float64(values: Any) -> np.ndarray:
    return np.asarray(values, np.float64)


def _with_options(operation: str, positional: list[Any], o: dict[str, Any]) -> np.ndarray:
    x = positional[0]
    axis = o.get("axis", -1)
    x = np.moveaxis(x, axis, -1)
    raw = x
    cap, T = o.get("softcap"), float(o.get("temperature", 1.0))
    if cap:
        x = cap * np.tanh(x / cap)
    slope = (1 - (x / cap) ** 2 if cap else np.ones_like(raw)) / T
    z = x / T
    if "mask" in o:
        z = np.where(np.moveaxis(np.asarray(o["mask"]), axis, -1), z, -np.inf)
    top = z.max(-1, keepdims=True)
    d = z - np.where(np.isfinite(top), top, 0)
    lse = np.log(np.exp(d).sum(-1, keepdims=True)) + np.where(np.isfinite(top), top, 0)
    log_p = d - np.log(np.exp(d).sum(-1, keepdims=True))
    p = np.exp(log_p)
    back = lambda result: np.moveaxis(result, -1, axis)  # noqa: E731
    if operation == "softmax":
        return back(p)
    if operation == "log_softmax":
        return back(log_p)
    if operation == "logsumexp":
        return lse[..., 0]
    if operation == "softmax_vjp":
        w = np.moveaxis(positional[1], axis, -1)
        return back(p * (w - (p * w).sum(-1, keepdims=True)) / T)
    if operation == "log_softmax_vjp":
        w = np.moveaxis(positional[1], axis, -1)
        return back((w - p * w.sum(-1, keepdims=True)) / T)
    if operation == "cross_entropy_hvp":
        w = positional[2]
        return p * (w - (p * w).sum(-1, keepdims=True)) / max(len(x), 1)
    return _loss(operation, positional[1], o, x=x, log_p=log_p, p=p, lse=lse, slope=slope)


def _loss(
    operation: str,
    labels: Any,
    o: dict[str, Any],
    *,
    x: np.ndarray,
    log_p: np.ndarray,
    p: np.ndarray,
    lse: np.ndarray,
    slope: np.ndarray,
) -> np.ndarray:
    m, C = x.shape
    if o.get("targets") is not None:
        t, kept, soft = np.asarray(o["targets"], np.float64), np.ones(m, bool), True
    else:
        labels = np.asarray(labels)
        kept, soft = labels != o.get("ignore_index", -100), False
        valid = kept & (labels >= 0) & (labels < C)
        t = np.zeros((m, C))
        t[np.arange(m)[valid], labels[valid].astype(np.int64)] = 1
        t[kept & ~valid] = np.nan
    weight = np.asarray(o["weight"], np.float64) if o.get("weight") is not None else np.ones(C)
    eps = o.get("label_smoothing", 0.0)
    own = (t * weight).sum(-1) * kept  # what the mean divides by, of hard labels
    target = ((1 - eps) * t + (eps / C) * (np.ones_like(t) if not soft else t.sum(-1, keepdims=True) * 0 + 1)) * weight
    target = np.where(kept[:, None], target, 0)
    losses = -np.where(target == 0, 0, target * log_p).sum(-1)
    z = o.get("z_loss", 0.0)
    losses = losses + np.where(kept, z * lse[:, 0] ** 2, 0)
    reduction = o.get("reduction", "mean")
    divisor = (own.sum() if not soft else float(m)) if reduction == "mean" else 1.0
    if operation == "cross_entropy":
        return losses if reduction == "none" else losses.sum() / divisor
    g = target.sum(-1, keepdims=True) * p - target
    g = g + np.where(kept[:, None], 2 * z * lse * p, 0)
    upstream = o.get("upstream")
    if upstream is not None:
        up = np.asarray(upstream, np.float64)
        g = g * (up[:, None] if up.ndim == 1 else up)
    return g * slope / divisor


def slack(
    operation: str, positional: list[Any], right: np.ndarray, format: str, strict: bool, native: bool
) -> np.ndarray:
    """The error that a right result may have: relative for softmax, with an absolute part for the others.

    Formats below 32 bits are computed in float32 and rounded once to nearest: an error of one unit roundoff more;
    ``native`` allows a few, for models that compute in the format itself and are blamed for something else.
    """
    fmt = formats.lookup(format)
    with np.errstate(all="ignore"):
        size = np.where(np.isfinite(right), np.abs(right), 0)
        if fmt.bits < 32:
            rounding = fmt.unit_roundoff * (8 * (size + 1) if native else size) + fmt.smallest_subnormal
            return _slack(operation, positional, right, "float32", strict) + rounding
        return _slack(operation, positional, right, format, strict)


def _slack(operation: str, positional: list[Any], right: np.ndarray, format: str, strict: bool) -> np.ndarray:
    fmt = formats.lookup(format)
    allowed = ROUNDINGS * fmt.unit_roundoff
    size = np.where(np.isfinite(right), np.abs(right), 0)
    relative = allowed * size + 8 * fmt.smallest_subnormal
    if strict:
        return relative
    x = np.asarray(positional[0], np.float64)
    if operation == "softmax":
        depth = np.where(right > 0, np.abs(np.log(np.where(right > 0, right, 1))), 0)
        return relative * (1 + depth / 8)
    if operation == "cross_entropy_grad":
        return relative + allowed * np.where(right <= 0, 1 / max(len(x), 1), 0)
    if operations.OPERATIONS[operation].takes_vectors:
        e = np.exp(x - x.max(-1, keepdims=True))
        p, w = e / e.sum(-1, keepdims=True), np.abs(np.asarray(positional[-1], np.float64))
        dot = (w if operation == "log_softmax_vjp" else p * w).sum(-1, keepdims=True)
        return relative + allowed * p * (w + dot)
    finite = x[np.isfinite(x)]
    spread = min(float(finite.max() - finite.min()), 1e3) if finite.size else 0.0
    return relative + allowed * (1 + spread / 8)


def wrong(
    operation: str,
    got: Any,
    positional: list[Any],
    options: dict[str, Any],
    format: str,
    *,
    strict: bool = False,
    native: bool = False,
) -> str:
    """Why a result is wrong, or "" where it is right."""
    right = expected(operation, positional, options)
    out = np.asarray(got) if isinstance(got, (np.ndarray, np.generic, float)) else None
    if out is None:
        return f"is a {type(got).__name__}"
    if out.shape != right.shape:
        return f"has shape {out.shape}, not {right.shape}"
    if isinstance(got, (np.ndarray, np.generic)) and out.dtype != formats.lookup(format).dtype:
        return f"has dtype {out.dtype}"
    values = out.astype(np.float64)
    with np.errstate(all="ignore"):
        far = ~(np.abs(values - right) <= slack(operation, positional, right, format, strict, native))
    beyond = (np.abs(right) > formats.lookup(format).largest) & np.isinf(values)
    same = (values == right) | (np.isnan(values) & np.isnan(right)) | beyond
    if (far & ~same).any():
        where = tuple(int(i[0]) for i in np.nonzero(far & ~same)) if values.ndim else ()
        return f"{values[where]} instead of {right[where]} at {where}"
    return ""


def _in_torch(function: Function) -> Function:
    """A torch function that takes and gives NumPy arrays, the arguments sharing memory."""
    torch = pytest.importorskip("torch")

    def tensor(values: Any) -> Any:
        if not isinstance(values, np.ndarray):
            return values
        if values.dtype == formats.lookup("bfloat16").dtype:
            return torch.from_numpy(values.view(np.int16)).view(torch.bfloat16)
        return torch.from_numpy(values)

    def run(*positional: Any, **options: Any) -> Any:
        result = function(*map(tensor, positional), **{k: tensor(v) for k, v in options.items()})
        if result.dtype == torch.bfloat16:
            return result.view(torch.int16).numpy().view(formats.lookup("bfloat16").dtype)
        return result.detach().numpy()

    return run


def judge(defect: Defect, format: str, given: dict[str, Any], *, native: bool = False) -> str:
    """Run the calls of a witness in order; why one of the results is wrong, or "".

    Results are looked at when all calls are over, so that one which changes under its caller is seen.
    """
    function = defect.fresh() if defect.arrays == "numpy" else _in_torch(defect.fresh())
    claimed = {"reduction": defect.contract["reduction"]} if "reduction" in defect.contract else {}
    calls = [arguments(defect.operation, each) for each in (*given.get("history", ()), given)]
    results = []
    for positional, options in calls:
        held = [each for each in (*positional, *options.values()) if isinstance(each, np.ndarray)]
        held = [each for each in held if each is not options.get("out")]
        before = [memory.owner(each)[0].tobytes() for each in held]
        try:
            results.append(function(*positional, **options))
        except Exception as error:  # noqa: BLE001 - whatever a model raises is its result
            return f"raises {type(error).__name__}: {error}"
        if before != [memory.owner(each)[0].tobytes() for each in held]:
            return "changes its arguments, or the memory around them"
    for (positional, options), got in zip(calls, results, strict=True):
        strict = defect.debated and not native
        asked = {**claimed, **options}
        if reason := wrong(defect.operation, got, positional, asked, format, strict=strict, native=native):
            return reason
    return ""


def ordinary(defect: Defect, format: str) -> dict[str, Any]:
    """Normal logits of the shape on which the defect is right."""
    m, C = defect.ordinary or (3, 8)
    rng = np.random.default_rng(11)
    return {
        "x": rng.standard_normal((m, C)).astype(formats.lookup(format).dtype),
        "labels": np.arange(m, dtype=np.int64) % C,
    }
