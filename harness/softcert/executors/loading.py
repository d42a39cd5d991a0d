"""Having a worker load the subject, with all that may come of it: a description, a mistake of the user, a fault."""

from __future__ import annotations

from typing import Any

from softcert.executors.crashes import fault_of_status
from softcert.executors.protocol import Fault, FaultKind
from softcert.executors.transport import untrusted
from softcert.executors.transport.channel import ChannelClosedError, SendTimeoutError
from softcert.executors.transport.description import description_of
from softcert.executors.transport.messages import fault_of_entry
from softcert.executors.transport.untrusted import ProtocolError
from softcert.executors.worker_starters import Memory, Starter, Worker
from softcert_oracle.errors import UsageError

Observations = tuple[tuple[str, str], ...]
"""Pairs of kind and text."""


class LoadError(Exception):
    """The subject could not be loaded in its worker.

    Parameters
    ----------
    fault : Fault
        How loading ended.
    observations : tuple of (kind, text)
        The text that the subject wrote while it was loaded.
    """

    def __init__(self, fault: Fault, observations: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(fault.message)
        self.fault, self.observations = fault, observations


def load(
    worker: Worker, starter: Starter, memory: Memory, message: dict[str, Any], payload: bytes, timeout: float
) -> tuple[dict[str, Any] | None, Observations]:
    """Have a new worker load the subject.

    Parameters
    ----------
    worker : Worker
        The worker.
    starter : Starter
        What ends it, and knows how it ended.
    memory : Memory
        What it shares: the text that the subject has written lies there.
    message, payload
        Its first message, and the pickled subject.
    timeout : float
        Seconds that loading may take.

    Returns
    -------
    (dict or None, tuple of (kind, text))
        What the subject is, where the message does not say that this is known; and the text that it wrote.

    Raises
    ------
    LoadError, UsageError
        If the subject cannot be loaded; the worker has ended then.
    """
    try:
        worker.channel.send(message, payload, timeout)
        received = worker.channel.receive(timeout)
    except SendTimeoutError:
        received = None
    except ProtocolError as error:
        end(worker, starter)
        raise LoadError(_while_loading(forged(error)), tuple(memory.texts())) from None
    except ChannelClosedError:
        fault = fault_of_end(worker, starter)
        raise LoadError(_while_loading(fault), tuple(memory.texts())) from None
    except BaseException:  # Ctrl-C
        end(worker, starter)
        raise
    if received is None:
        end(worker, starter)
        fault = Fault(FaultKind.HANG, f"loading the subject took longer than {timeout:g} s")
        raise LoadError(fault, tuple(memory.texts()))
    try:
        return _loaded(received[0])
    except ProtocolError as error:
        end(worker, starter)
        raise LoadError(_while_loading(forged(error)), tuple(memory.texts())) from None
    except BaseException:
        end(worker, starter)
        raise


def _loaded(message: dict[str, Any]) -> tuple[dict[str, Any] | None, Observations]:
    """What a worker's first answer says: what the subject is, or why it could not be loaded."""
    observations = untrusted.observations(untrusted.field(message, "observations"))
    if "error" not in message:
        ready = untrusted.field(message, "ready")
        return None if ready is None else description_of(ready), observations
    error = message["error"]
    if untrusted.flag(untrusted.field(message, "usage"), "usage"):
        raise UsageError(untrusted.text(error, "error"))
    raise LoadError(_while_loading(fault_of_entry(error)), observations)


def end(worker: Worker, starter: Starter) -> None:
    """Kill a worker, and wait until it is gone."""
    starter.kill(worker)
    starter.exit_status(worker)


def fault_of_end(worker: Worker, starter: Starter) -> Fault:
    """The fault of a worker that has closed its channel; it is killed where it runs on."""
    status = starter.exit_status(worker)
    if status is None:
        starter.kill(worker)
        return Fault(FaultKind.CRASH, "the worker closed its channel without a result")
    return fault_of_status(status)


def forged(error: ProtocolError) -> Fault:
    """The fault of a worker that sent what no worker of ours sends."""
    return Fault(FaultKind.PROTOCOL, f"the worker broke the protocol: it sent {error}", "the worker was killed")


def _while_loading(fault: Fault) -> Fault:
    return Fault(fault.kind, f"while the subject was loaded: {fault.message}", fault.detail)
