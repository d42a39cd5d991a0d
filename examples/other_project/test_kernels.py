"""The test-suite of some other project: one pytest item for each property of each operation.

    pytest examples/other_project/test_kernels.py

What is known to fail is declared with its reason. It is strict: an unexpected pass fails, so the list stays true.
"""

import kernels

from softcert import Implementation, parametrize_with_checks

SMALL = {"dtypes": ("float32",), "max_classes": 1000}  # the contract: this project has no more classes than that
SOFTMAX = Implementation(name="softmax", ops={"softmax": kernels.softmax}, **SMALL)
LOG_SOFTMAX = Implementation(name="log_softmax", ops={"log_softmax": kernels.log_softmax}, **SMALL)


@parametrize_with_checks([SOFTMAX], effort="quick")
def test_softmax(check):
    check()


@parametrize_with_checks(
    [LOG_SOFTMAX],
    effort="quick",
    expected_failures={
        "sound_accuracy": "the logarithm of a rounded probability loses digits",
        "accuracy": "the logarithm of a rounded probability loses digits",
        "finite": "-inf where a probability vanishes",
    },
)
def test_log_softmax(check):
    check()
