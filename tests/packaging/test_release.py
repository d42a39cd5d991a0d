"""What is released: sdist and wheel, the recipe for conda-forge, the image, the versions of Python."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
from tests.packaging.imports import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
STATED = re.findall(r"Python :: (3\.\d+)\n", "\n".join(PROJECT["classifiers"]) + "\n")

_CONDA_NAMES = {"tomli_w": "tomli-w"}
"""Packages whose name on conda-forge is another one."""


def requirement(text: str) -> tuple[str, str]:
    """A requirement of pyproject.toml as a recipe writes it: name, and versions."""
    name, versions = re.fullmatch(r"([\w-]+)(.*)", text).groups()
    return _CONDA_NAMES.get(name, name), versions


@pytest.fixture(scope="module")
def recipe() -> dict:
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load((ROOT / "packaging" / "conda" / "recipe.yaml").read_text(encoding="utf-8"))


def test_the_versions_of_python_that_are_stated_begin_with_the_least_that_is_required():
    assert PROJECT["requires-python"] == f">={STATED[0]}"
    minors = [int(version.split(".")[1]) for version in STATED]
    assert minors == list(range(minors[0], minors[0] + len(minors)))
    page = (ROOT / "docs" / "platforms.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (3\.\d+) \|", page, re.MULTILINE) == STATED


def test_the_recipe_asks_for_what_the_project_asks_for(recipe):
    run = dict(line.split(" ", 1) for line in recipe["requirements"]["run"])
    assert run.pop("python") == PROJECT["requires-python"]
    assert run == dict(map(requirement, PROJECT["dependencies"]))


def test_the_recipe_is_of_this_release(recipe):
    assert recipe["context"]["version"] == PROJECT["version"]
    assert recipe["about"]["license"] == PROJECT["license"]
    assert (ROOT / recipe["about"]["license_file"]).exists()
    assert recipe["about"]["summary"] == PROJECT["description"]
    ((name, target),) = PROJECT["scripts"].items()
    assert recipe["build"]["python"]["entry_points"] == [f"{name} = {target}"]
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    host = {line for line in recipe["requirements"]["host"] if not line.startswith(("python ", "pip"))}
    assert host == {" ".join(requirement(line)) for line in build}


def test_the_tags_in_the_documentation_are_of_this_release():
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?:@|rev: )v(\d+\.[\w.]*\w)", page)) == {PROJECT["version"]}


def test_the_image_has_a_stated_python_and_runs_a_subject_as_nobody_special():
    text = (ROOT / "packaging" / "docker" / "Dockerfile").read_text(encoding="utf-8")
    pythons = set(re.findall(r"^FROM python:([\d.]+)-slim", text, re.MULTILINE))
    assert len(pythons) == 1
    assert pythons <= set(STATED)
    stages = text.split("\nFROM ")
    assert re.search(r"^USER (?!root|0)\w+$", stages[-1], re.MULTILINE)
    assert 'ENTRYPOINT ["softcert"]' in text
    assert all((ROOT / name).exists() for name in re.findall(r"--constraint (\S+)", text))


@pytest.mark.slow
def test_the_sdist_alone_makes_the_wheel_and_both_are_fit_for_an_index(tmp_path):
    """The wheel is built and installed from the unpacked sdist, where nothing else of the checkout is at hand."""
    pytest.importorskip("hatchling")
    pytest.importorskip("twine")
    backend = "from hatchling.build import build_{kind}; print(build_{kind}({folder!r}))"

    def python(*arguments: str, folder: Path, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=folder, env={**os.environ, **environment}, capture_output=True,
            text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    python("-c", backend.format(kind="sdist", folder=str(tmp_path)), folder=ROOT)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
        archive.extractall(tmp_path / "unpacked", filter="data")
    assert {"LICENSE", "README.md", "tox.ini", "constraints.txt", "tests/packaging/test_release.py"} <= names
    assert not any(name.startswith((".tox", ".git/", "site/", "dist/")) for name in names)
    (source,) = (tmp_path / "unpacked").iterdir()
    python("-c", backend.format(kind="wheel", folder=str(tmp_path)), folder=source)
    (wheel,) = tmp_path.glob("*.whl")
    python("-m", "twine", "check", "--strict", str(sdist), str(wheel), folder=tmp_path)
    target = tmp_path / "installed"
    python("-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(wheel), folder=tmp_path)
    where = "import softcert, softcert_oracle; print(softcert.__file__); print(softcert_oracle.__file__)"
    printed = python("-c", where, folder=tmp_path, PYTHONPATH=str(target)).splitlines()
    assert all(Path(line).is_relative_to(target) for line in printed)
    python("-m", "softcert", "oracle", "softmax", "0", "1", folder=tmp_path, PYTHONPATH=str(target))
