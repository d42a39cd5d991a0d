"""The worker's side: the code that runs in the subject's process.

It imports `softcert.executors.protocol` and `softcert.executors.transport`, and nothing else of the harness.
"""

import os

MARK = "SOFTCERT_WORKER"
"""Environment variable that a worker sets, for itself and for the processes that its subject starts."""


def inside() -> bool:
    """Whether this process is a worker or was started by one.

    A subject's file may describe or certify the subject when it is imported, and the worker imports that file: there
    it has no effect, or each worker would start the next one.
    """
    return MARK in os.environ
