"""Python's collector is paused while modules are loaded, and has nothing to do when the process ends."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from softcert.cli import collector


@pytest.fixture(autouse=True)
def unfrozen():
    """The collector of the tests as it was."""
    with collector.unfrozen_after():
        yield


def test_nothing_is_collected_while_modules_are_loaded():
    """The collector is off within and on again after it."""
    with collector.paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_loaded_is_left_out_of_collections():
    """Objects that stay until the end are looked through no more."""
    with collector.paused():
        pass
    assert gc.get_freeze_count() > 0


def test_a_collector_that_was_off_stays_off():
    """Whoever has turned it off does not get it back on."""
    gc.disable()
    try:
        with collector.paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_process_that_runs_a_command_collects_as_before(softcert):
    """Nothing stays frozen in a process that calls the command line as a function."""
    assert softcert("certify", "no_such_subject") == 2
    assert gc.get_freeze_count() == 0


def test_the_command_line_leaves_nothing_to_collect_at_its_end():
    """Exit handlers run in reverse order, so one that was registered before sees what the command line's has done."""
    program = "import atexit, gc\natexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
    program += "import sys; sys.argv = ['softcert', '--version']\nfrom softcert.cli import main\nmain()\n"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "True"
