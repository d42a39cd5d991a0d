"""What is told of a subject beside its calls comes with the first of them."""

from __future__ import annotations

import _thread
import signal
import threading

import numpy as np

from softcert.executors.worker.invoke import Invocation
from softcert.executors.worker.subject_watch import SubjectWatch
from softcert_implementations.implementation import Implementation


def subject(function):
    return Implementation("mine", {"softmax": function}, ("float32",), arrays="numpy")


def calls_scipy(x):
    from scipy.special import softmax

    return softmax(x)


def test_the_first_call_tells_what_the_code_names_and_the_second_does_not():
    watch = SubjectWatch()
    watch.loaded(subject(calls_scipy), [("stdout", "hello")])
    assert watch.add(Invocation()).observations == (("stdout", "hello"), ("library", "scipy"))
    assert watch.add(Invocation()).observations == ()


def test_what_loading_leaves_behind_is_told():
    watch = SubjectWatch()
    before = signal.signal(signal.SIGALRM, lambda number, frame: None)
    try:
        watch.loaded(subject(np.exp))
    finally:
        signal.signal(signal.SIGALRM, before)
    ((kind, text),) = watch.add(Invocation()).observations
    assert kind == "signal handler"
    assert text.startswith("SIGALRM is handled by ")


def test_a_thread_that_the_threading_module_does_not_know_is_told_once():
    watch = SubjectWatch()
    watch.loaded(subject(np.exp))
    go, stop = threading.Event(), threading.Event()

    def run():
        go.set()
        stop.wait(60)

    _thread.start_new_thread(run, ())
    assert go.wait(60)
    ((kind, text),) = watch.add(Invocation()).observations
    assert (kind, "does not know" in text) == ("thread", True)
    assert watch.add(Invocation()).observations == ()
    stop.set()
