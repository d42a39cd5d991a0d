"""First and second derivatives that the array library derives from a loss, for subjects that give only the loss.

Both take an upstream gradient, so a backward pass that ignores it shows. A trial call says whether each derivative
exists; what comes of it is one sentence in `Implementation.inferred`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from softcert_implementations.adapters import adapter
from softcert_implementations.call_form import PLAIN, CallForm
from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.trials.trial_calls import attempt
from softcert_implementations.resolving.wrappers import PlainLoss
from softcert_oracle.numbers import formats

_LOSS, _GRADIENT, _SECOND = "cross_entropy", "cross_entropy_grad", "cross_entropy_hvp"


def with_gradient(implementation: Implementation, format: str) -> Implementation:
    """With the framework's first and second derivative of the loss, as far as they exist.

    Parameters
    ----------
    implementation
        It is returned unchanged if it has no loss or a gradient of its own, or if its array library does not
        differentiate.
    format
        The format of the trial calls.
    """
    differentiate = adapter(implementation.arrays).differentiate
    if differentiate is None or _LOSS not in implementation.ops or _GRADIENT in implementation.ops:
        return implementation
    form = CallForm.parsed(implementation.contract.value("call", _LOSS, format))
    if form.inputs != "logits" or form.values != "arrays":
        return implementation  # a gradient by the logits is not one by what such a function takes
    loss = implementation.ops[_LOSS]
    if form != PLAIN:
        loss = PlainLoss(loss, form)
        rest = dataclasses.replace(form, order=PLAIN.order, result=PLAIN.result).text
        claims = dict.fromkeys((_GRADIENT, _SECOND), rest)
        implementation = dataclasses.replace(implementation, contract=implementation.contract.claiming("call", claims))
    silent = "flush_subnormals" not in implementation.contract.given
    first = _derived(implementation, _GRADIENT, differentiate(loss), format)
    if _GRADIENT not in first.ops:
        return first
    first = dataclasses.replace(
        first, contract=_excusing(_with_option(first.contract, _GRADIENT, "upstream"), _GRADIENT, silent)
    )
    # Half the loss, and the result doubled: so the backward pass that is differentiated has an upstream gradient too.
    half = differentiate(lambda x, *rest, **options: loss(x, *rest, **options) * 0.5)
    twice = differentiate(half)

    def second(x: Any, labels: Any, upstream: Any, **options: Any) -> Any:
        return twice(x, labels, upstream=upstream, **options) * 2

    both = _derived(first, _SECOND, second, format)
    if _SECOND not in both.ops:
        return both
    both = dataclasses.replace(both, contract=_excusing(both.contract, _SECOND, silent))
    narrow = [f for f in both.dtypes if formats.lookup(f).bits < 32]
    if not narrow:
        return both
    # What a framework composes for a second derivative rounds each step to the format.
    claims = {f"{_SECOND}/{name}": name for name in narrow}
    return dataclasses.replace(both, contract=both.contract.claiming("working_precision", claims))


def _derived(
    implementation: Implementation, operation: str, function: Callable[..., Any], format: str
) -> Implementation:
    """With a derived operation, if a trial call of it runs, and a sentence either way."""
    library = implementation.arrays
    tried = dataclasses.replace(implementation, ops={**implementation.ops, operation: function})
    trial = attempt(tried, operation, format)
    if trial.ran:
        note = f"{operation} by {library}'s differentiation of {_LOSS}"
        return dataclasses.replace(tried, inferred=(*tried.inferred, note))
    times = " twice" if operation == _SECOND else ""
    note = f"no {operation}: {library} cannot differentiate {_LOSS}{times} ({trial.error})"
    return dataclasses.replace(implementation, inferred=(*implementation.inferred, note))


def _with_option(contract: Contract, operation: str, option: str) -> Contract:
    """The contract with one more option for an operation."""
    own = contract.terms(operation, "float32").options
    return contract.claiming("options", {operation: tuple(dict.fromkeys((*own, option)))})


def _excusing(contract: Contract, operation: str, silent: bool) -> Contract:
    """The contract with zeros for subnormal derivatives, where it was silent about them.

    The chain rule has its own form: of logaddexp, softplus and sigmoid it is 1/(1 + e^g). Where e^g overflows it is 0,
    and the exact value a fourth of the smallest normal number or less. No author of a loss can mend that.
    """
    return contract.claiming("flush_subnormals", {operation: True}) if silent else contract
