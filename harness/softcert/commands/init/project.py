"""What ``softcert init`` finds out of a SPEC, and the files that it makes of that.

The subject is certified once, with the contract that is about to be written; what fails becomes the baseline. So the
gate that is written passes today. A run that did not judge everything writes nothing: a baseline made of it would
excuse what nobody saw. Nothing that exists is overwritten.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from softcert.commands.init import ci_files
from softcert.commands.init.contract_file import contract_file
from softcert.results import outputs
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError, shown, unknown
from softcert_reports import document as doc
from softcert_reports.document.atomic import write_whole

CONTRACT, BASELINE = "softcert-contract.toml", "softcert.toml"

CI_FILES: Mapping[str, tuple[str, Callable[[Sequence[str], str, str], str]] | None] = {
    "github": (".github/workflows/softcert.yml", ci_files.github),
    "gitlab": (".gitlab-ci.yml", ci_files.gitlab),
    "none": None,
}
"""By the name of a CI system: the file that it reads, and the function that makes it."""

_PACKAGES = {
    "torch": "torch --index-url https://download.pytorch.org/whl/cpu",
    "jax": "jax",
    "tensorflow": "tensorflow",
    "onnx": "onnx onnxruntime",
    "mlx": "mlx",
    "cupy": "cupy",
}
"""By array library: what pip installs for it where the project says nothing itself."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """What is asked for, checked, before anything runs.

    Attributes
    ----------
    spec
        The SPEC, relative to the folder where it names a file.
    arguments
        Further arguments of ``softcert certify`` that say what is run: operation, formats, library, effort, level.
    ci
        A key of `CI_FILES`.
    folder
        The project's folder: files are written there, and the gate runs there.
    """

    spec: str
    arguments: tuple[str, ...]
    ci: str
    folder: Path

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that are written, in their order."""
        entry = CI_FILES[self.ci]
        names = (CONTRACT, BASELINE, *((entry[0],) if entry else ()))
        return tuple(self.folder / name for name in names)


def prepare(spec: str, arguments: Mapping[str, str | None], ci: str | None, folder: Path) -> Project:
    """Check what is asked for.

    Parameters
    ----------
    spec
        A SPEC as ``softcert certify`` takes it.
    arguments
        By the name of an option of ``softcert certify``: its value; None leaves it out.
    ci
        A key of `CI_FILES`; None takes the system whose files the folder has already, or GitHub's.
    folder
        The project's folder, the current one.

    Raises
    ------
    UsageError
        For a CI system that is unknown, a file that exists already, and a SPEC that no CI job could name: outside of
        the folder, or with characters that a CI system replaces.
    """
    system = ci or ("gitlab" if (folder / ".gitlab-ci.yml").exists() else "github")
    if system not in CI_FILES:
        raise unknown("CI system", system, CI_FILES)
    given = tuple(word for name, value in arguments.items() if value for word in (f"--{name}", value))
    project = Project(spec=_portable(spec, folder), arguments=given, ci=system, folder=folder)
    for word in (project.spec, *given):
        if not word.isprintable() or "${{" in word or "$[[" in word:
            raise UsageError(
                f"{shown(word)} cannot stand in a CI file. Use a name of printable characters without ${{{{."
            )
    for path in project.paths:
        if path.exists() or path.is_symlink():
            name = str(path.relative_to(folder))
            raise UsageError(
                f"{name!r} exists, and init overwrites nothing. Move it away, or give --ci none if it is the CI file."
            )
    return project


def _portable(spec: str, folder: Path) -> str:
    """The SPEC with the path of its file relative to the folder, as a checkout elsewhere has it."""
    prefix, _, rest = spec.rpartition("exec:") if spec.startswith("exec:") else ("", "", spec)
    match = re.match(r"(/.*?)(:[\w.]+)?$", rest)
    if match is None:
        return spec
    try:
        inside = Path(match[1]).resolve().relative_to(folder.resolve())
    except ValueError:
        raise UsageError(
            f"{spec!r} is outside of {str(folder)!r}, where a CI job would not find it. Go to the project's folder."
        ) from None
    marked = "exec:./" if spec.startswith("exec:") else prefix
    return f"{marked}{inside.as_posix()}{match[2] or ''}"


def write(project: Project, subject: Implementation, document: doc.Document) -> outputs.Written:
    """Write the files.

    Parameters
    ----------
    project
        What is asked for.
    subject
        The implementation as it was described: its array library and contract.
    document
        The results of its certification. One that is not conclusive writes nothing.
    """
    if document.exit_code not in (0, 1):
        return outputs.Written(
            (), ("nothing was written: the run is not conclusive, so its gate could never be green.",)
        )
    contract, baseline, *workflow = project.paths
    written = outputs.baseline(document, None, baseline)
    if written.problems:
        return written
    writers = {contract: lambda path: write_whole(path, contract_file(project.spec, subject.contract))}
    if entry := CI_FILES[project.ci]:
        installs = [f"python -m pip install {packages}" for packages in _installs(project.folder, subject.arrays)]
        text = entry[1](installs, gate(project), f"{sys.version_info.major}.{sys.version_info.minor}")
        writers[workflow[0]] = lambda path: write_whole(path, text)
    return written + outputs.write_each(writers)


def gate(project: Project) -> str:
    """The command that the CI job runs, but for its outputs."""
    words = ["softcert", "certify", project.spec, *project.arguments, "--contract", CONTRACT, "--baseline", BASELINE]
    return shlex.join(words)


def _installs(folder: Path, arrays: str) -> list[str]:
    """What pip is to install: the project's requirements, or else the array library, and this release of softcert."""
    wanted = []
    if (folder / "requirements.txt").exists():
        wanted.append("-r requirements.txt")
    elif _is_package(folder):
        wanted.append(".")
    elif arrays in _PACKAGES:
        wanted.append(_PACKAGES[arrays])
    return [*wanted, f"softcert=={metadata.version('softcert')}"]


def _is_package(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("pyproject.toml", "setup.py"))
