"""What a run costs: commands in units of this machine, and one run by stage, beside the subject's own time.

    python benchmarks/engine.py [--only NAME ...] [--stages SPEC] [--effort quick]

One unit is ten million steps of an empty Python loop, measured before and after each command, so figures mean the same
on a fast and on a slow machine, and nearly the same on a busy one: it is the processor time of a command, that of its
children included, over that of the loop. The stages are exclusive processor times of one run with one job; what a
stage calls of another stage counts there. The last figures stand in docs/performance.md.
"""

import argparse
import contextlib
import importlib
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from functools import wraps

COMMANDS = {
    "help": "softcert --help",
    "quick, certified": "softcert certify numpy_shifted --dtype float32 --effort quick",
    "quick, two jobs": "softcert certify numpy_shifted --dtype float32 --effort quick --jobs 2",
    "quick, refused": "softcert certify naive --dtype float32 --effort quick",
    "standard": "softcert certify numpy_shifted --dtype float32 --effort standard",
    "main job": "softcert certify naive numpy_shifted logsumexp torch_functional faithful --effort quick "
    "--baseline bundled --report {folder}/report --certificate {folder}/report/certificate.json",
    "main job, one job": "softcert certify naive numpy_shifted logsumexp torch_functional faithful --effort quick "
    "--baseline bundled --report {folder}/report --certificate {folder}/report/certificate.json --jobs 1",
    "power": "softcert power --effort quick",
}

STAGES = {
    "plan": ["softcert.cases.battery:battery", "softcert.certification.contract_effect:contract_effect"],
    "build": ["softcert.cases.inputs:build", "softcert.cases.call:build_call"],
    "call": ["softcert.engine.caller:Caller.__call__", "softcert.executors.process:ProcessExecutor._answer"],
    "reference": [
        "softcert.expected.reference:ReferenceCache.of",
        "softcert.expected.reference:ReferenceCache.rows",
        "softcert_oracle.reference.truth:reference",
    ],
    "form": ["softcert.engine.judge:judge", "softcert.properties.hygiene:check_form"],
    "judging": ["softcert_oracle.judging.judge:judge_block"],
    "properties": ["softcert.engine.blocks:evaluate", "softcert.engine.session:Session.run_relations"],
    "tally": [
        "softcert.engine.tally:RunTally.record",
        "softcert.engine.tally:RunTally.record_all",
        "softcert.engine.tally:RunTally.record_checks",
    ],
    "searches": ["softcert.engine.hypothesis_search:explore", "softcert.engine.hill_climbing:climb"],
    "findings": [
        "softcert.findings.collect:collect",
        "softcert.engine.repeatability:classify_nondeterminism",
    ],
    "diagnosis": ["softcert.diagnosis.diagnose:diagnose"],
    "document": ["softcert.results.document:build", "softcert.results.gate:decide"],
    "page": ["softcert.results.outputs:write"],
}
"""By stage: the functions whose time it is. A function that this release does not have is left out."""


def unit() -> float:
    """Processor seconds of the fixed loop."""
    start = time.process_time()
    n = 0
    for i in range(10_000_000):
        n += i
    return time.process_time() - start


def cost(command: str) -> tuple[float, float, float, float]:
    """Units of processor time and of wall time, the memory of the largest process (MB), and the unit (s)."""
    first = unit()
    with tempfile.TemporaryDirectory() as folder:
        words = shlex.split(command.format(folder=folder))
        start = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    each = (first + unit()) / 2
    return (used.ru_utime + used.ru_stime) / each, wall / each, used.ru_maxrss / 1024, each


class Clock:
    """Exclusive processor time by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._stack = ["rest"]
        self._last = time.process_time()

    def switch(self) -> None:
        """Give the time since the last switch to the stage that is on."""
        now = time.process_time()
        self.seconds[self._stack[-1]] += now - self._last
        self._last = now

    @contextlib.contextmanager
    def on(self, stage: str):
        """Count as a stage what happens within."""
        self.switch()
        self._stack.append(stage)
        try:
            yield
        finally:
            self.switch()
            self._stack.pop()

    def wrap(self, stage: str, place: str) -> None:
        """Count the calls of a function as a stage, wherever it was imported by name."""
        module_name, _, path = place.partition(":")
        owner = importlib.import_module(module_name)
        *parents, name = path.split(".")
        for parent in parents:
            owner = getattr(owner, parent)
        function = getattr(owner, name, None)
        if function is None:
            return

        @wraps(function)
        def timed(*arguments, **keywords):
            with self.on(stage):
                return function(*arguments, **keywords)

        setattr(owner, name, timed)
        if not parents:
            for module in [m for n, m in sys.modules.items() if n.startswith("softcert")]:
                for known, value in list(vars(module).items()):
                    if value is function:
                        setattr(module, known, timed)


def stages(spec: str, effort: str) -> None:
    """Print one run by stage."""
    clock = Clock()
    with clock.on("start-up"):
        from softcert.certification.plan import Plan
        from softcert.commands.certify import Run
        from softcert.results import outputs

        for stage, places in STAGES.items():
            for place in places:
                clock.wrap(stage, place)
        run = Run(Plan.of(effort), jobs=1)
        run.add(spec, dtypes="float32")
    run.certify()
    document = run.document("softcert")
    with tempfile.TemporaryDirectory() as folder:
        from pathlib import Path

        outputs.write(document, report=Path(folder), results=None)
    clock.switch()
    each, total = unit(), sum(clock.seconds.values())
    calls = sum(result.calls for result in run.results)
    subject = sum(result.seconds_in_subject for result in run.results)
    print(f"\n{spec}, float32, {effort}: {calls} calls; harness {total / each:.1f} units, ", end="")
    print(f"subject {subject / each:.2f} units of wall time, ratio {total / max(subject, 1e-9):.1f}")
    for stage in ("start-up", *STAGES, "rest"):
        seconds = clock.seconds[stage]
        each_call = 1e6 * seconds / max(calls, 1)
        print(f"  {stage:12}{seconds / each:8.2f} units{seconds / total:8.1%}{each_call:10.0f} us a call")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="*", choices=list(COMMANDS), default=list(COMMANDS))
    parser.add_argument("--stages", nargs="*", default=["numpy_shifted", "naive"], metavar="SPEC")
    parser.add_argument("--effort", default="quick")
    given = parser.parse_args()
    print(f"{'command':20}{'units':>8}{'wall units':>12}{'largest MB':>12}{'unit s':>8}")
    for name in given.only:
        used, wall, memory, each = cost(COMMANDS[name])
        print(f"{name:20}{used:8.1f}{wall:12.1f}{memory:12.0f}{each:8.2f}", flush=True)
    for spec in given.stages:
        stages(spec, given.effort)


if __name__ == "__main__":
    main()
