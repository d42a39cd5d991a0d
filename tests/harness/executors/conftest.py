"""The subject that misbehaves, in each way of running it."""

import pytest
from tests.harness.executors.calls import KEYWORDS, one
from tests.harness.executors.subjects_that_misbehave import softmax

from softcert.executors.in_process import InProcessExecutor
from softcert.executors.process import ProcessExecutor


@pytest.fixture(scope="module", params=["none", "zygote", "spawn"])
def misbehaves(request):
    """An executor of the subject that misbehaves: not isolated, forked, and started as a new interpreter."""
    if request.param == "none":
        executor = InProcessExecutor(one(softmax))
    else:
        executor = ProcessExecutor(softmax, KEYWORDS, start=request.param)
    with executor:
        yield executor
