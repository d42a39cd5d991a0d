"""The worker's side: the code that runs in the subject's process.

It imports `softcert.executors.protocol` and `softcert.executors.transport`, and nothing else of the harness.
"""
