"""Between the harness and the worker: frames, shared memory, and the messages that describe what lies in it."""
