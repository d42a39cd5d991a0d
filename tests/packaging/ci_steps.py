"""The shell steps of CI files, run as the CI system would, with stand-ins for what installs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

RIGHT = """
import numpy as np

def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
"""

_PIP = f"""#!/bin/sh
case "$*" in
    "-m pip "*) printf '%s\\n' "$*" >> pip.txt ;;
    *) exec "{sys.executable}" "$@" ;;
esac
"""

_SOFTCERT = """#!/bin/sh
printf '%s\\n' "$@" > arguments.txt
exit $CODE
"""


def binaries(folder: Path, *, real: bool) -> Path:
    """A folder for PATH in which pip only records what it is asked for, with softcert or a stand-in for it.

    The stand-in writes its arguments, one a line, to arguments.txt, and ends with ``$CODE``.
    """
    place = folder / "bin"
    place.mkdir()
    softcert = f'#!/bin/sh\nexec "{sys.executable}" -m softcert "$@"\n' if real else _SOFTCERT
    for name, text in (("python", _PIP), ("softcert", softcert)):
        (place / name).write_text(text, encoding="utf-8")
        (place / name).chmod(0o755)
    return place


def bash(script: str, folder: Path, place: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script as GitHub runs one whose shell is bash."""
    environment = {k: v for k, v in os.environ.items() if not re.match(r"CI$|GITHUB_|GITLAB_", k)}
    environment["PATH"] = f"{place}{os.pathsep}{os.environ['PATH']}"
    shell = shutil.which("bash")
    assert shell is not None
    return subprocess.run(
        [shell, "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=folder, env={**environment, **variables},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def filled(value: object, pattern: str, given: Mapping[str, str]) -> str:
    """A value with the CI system's expressions replaced; ``pattern`` has one group, the name of what is given."""
    return re.sub(pattern, lambda match: given[match[1]], str(value))
