"""What a command costs before its first call of a subject and after its last one, by stage.

    python benchmarks/startup.py [--repeat 5]

Figures are units of processor time: a unit is ten million steps of an empty Python loop, measured in the same run, so
that they compare between machines. Whole commands first, each the cheapest of some repetitions; then the stages of
``certify numpy_shifted --dtype float32 --effort quick`` in fresh processes, harness and worker apart. The last figures
stand in docs/performance.md.
"""

import argparse
import json
import resource
import subprocess
import sys

COMMANDS = (
    ("--help",),
    ("certify", "--help"),
    ("list",),
    ("oracle", "softmax", "1", "2", "3"),
    ("explain", "softmax"),
)

STAGES = """
import json, resource, sys, time

def spent():
    return time.process_time()

seen = {}
def stage(name):
    global last
    now = spent()
    seen[name], last = now - last, now

last = 0.0
stage("interpreter")
import softcert.cli
stage("command line")
from softcert.cli import collector
with collector.paused():
    from softcert.certification.plan import Plan
    from softcert.commands.certify import Run
    from softcert.results import outputs
stage("modules of certify")
plan = Plan.of("quick", "stable", 0)
run = Run(plan)
run.add("numpy_shifted", dtypes="float32", op="softmax")
stage("subject described")
from softcert_oracle.fast.entry import CODE as exact
from softcert_oracle.judging.compiled.entry import CODE as judging
exact.functions, judging.functions
stage("kernels")
import softcert.engine.hypothesis_search
stage("Hypothesis")
run.certify()
stage("(the run of one unit)")
document = run.document("softcert certify")
stage("document")
outputs.summary(document)
stage("text")
from softcert_reports.page import render
stage("modules of the page")
render.render(document)
stage("page")
children = resource.getrusage(resource.RUSAGE_CHILDREN)
seen["(worker, this run included)"] = children.ru_utime + children.ru_stime
print(json.dumps(seen))
"""


def processor(command: list[str]) -> tuple[float, str]:
    """Processor seconds of a command and the processes that it starts, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def unit(repeat: int) -> float:
    """Seconds of a unit: the loop within a function, less the start of the interpreter."""
    code = "import time\ndef loop():\n    n = 0\n    for i in range(10_000_000):\n        n += i\nloop()"
    empty = min(processor([sys.executable, "-c", "pass"])[0] for _ in range(repeat))
    return min(processor([sys.executable, "-c", code])[0] for _ in range(repeat)) - empty


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5, help="repetitions, of which the cheapest counts")
    repeat = parser.parse_args().repeat
    one = unit(repeat)
    print(f"one unit: {one:.2f} s\n\n| command | units |\n|---|---|")
    for arguments in COMMANDS:
        command = [sys.executable, "-m", "softcert", *arguments]
        seconds = min(processor(command)[0] for _ in range(repeat))
        print(f"| `softcert {' '.join(arguments)}` | {seconds / one:.2f} |")
    runs = [json.loads(processor([sys.executable, "-c", STAGES])[1].splitlines()[-1]) for _ in range(repeat)]
    print("\n| stage of a run | units |\n|---|---|")
    for name in runs[0]:
        print(f"| {name} | {min(run[name] for run in runs) / one:.2f} |")


if __name__ == "__main__":
    main()
