"""What the README promises about setting up, and what an installation brings."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import import_module, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OURS = {"softcert", "softcert_oracle", "softcert_implementations", "softcert_reports"}


@pytest.fixture(scope="module")
def tox() -> configparser.ConfigParser:
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "tox.ini", encoding="utf-8")
    return config


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def environments(text: str) -> set[str]:
    run = re.findall(r"python -m tox (?:run|run-parallel|devenv) (?:.* )?-e ([\w,]+)", text)
    return {name for names in run for name in names.split(",")} | set(re.findall(r"`-e (\w+)`", text))


def test_the_two_commands_are_there_and_their_environments_exist(tox):
    commands = re.findall(r"^python -m pip install tox && python -m tox run -e (\w+)$", README, re.MULTILINE)
    assert commands == ["certify", "py"]
    assert {f"testenv:{name}" for name in commands} - {"testenv:py"} <= set(tox.sections())
    assert "testenv" in tox.sections()  # py is the base environment under its factor's name


def test_the_readme_is_short_and_has_no_figure_that_moves():
    """A reader takes five minutes; timings, counts and rates stand in docs/, beside the command that makes them."""
    assert len(README.splitlines()) <= 150
    prose = re.sub(r"^```.*?^```", "", README, flags=re.MULTILINE | re.DOTALL)
    stated = set(re.findall(r"\d[\d.,]*\d|\d", prose))
    assert stated <= {"3.11", "3.13", "3.14", "0", "1", "2", "3", "2.0"}, (
        "versions of Python, exit codes and the licence's name"
    )


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_every_tox_environment_that_is_named_exists(tox, file):
    named = environments((ROOT / file).read_text(encoding="utf-8"))
    assert named
    assert named <= {"py"} | {s.removeprefix("testenv:") for s in tox.sections()}


def test_ci_runs_the_readmes_test_command_and_all_that_must_pass():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"python -m pip install (?:--quiet )?tox && python -m tox run (?:-q )?-e py", script)
    assert {"py", "lint", "type", "docs", "certify", "browser"} <= environments(script)


def test_the_main_job_certifies_every_registered_implementation_and_writes_what_the_readme_says(tox):
    command = tox["testenv:certify"]["commands"]
    assert set(re.findall(r"\w+", command)) >= entry_points()
    assert "--baseline bundled" in command.replace("\\\n", " ")
    folder = re.search(r"--report (\S+)", command)[1]
    assert f"`{folder}/index.html`" in README
    assert f"`{folder}/results.json`" in README


def entry_points() -> set[str]:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return set(data["entry-points"]["softcert.implementations"])


def test_registered_implementations_can_be_loaded():
    for point in metadata.entry_points(group="softcert.implementations"):
        if point.value.startswith("softcert_implementations"):
            assert point.load().name == point.name


def test_torch_is_pinned_exactly_and_so_is_everything_that_tox_installs(tox):
    pins = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            assert version, f"{line} is not pinned exactly"
            pins[re.sub(r"[-_.]+", "-", name).lower()] = version
    assert "torch" in pins
    wanted = [d for d in tox["testenv"]["deps"].split() if not d.startswith("{")]
    missing = {w for w in wanted if re.sub(r"[-_.]+", "-", w).lower() not in pins}
    assert missing <= {"setuptools"}, f"constraints.txt does not pin {missing}"


def test_the_version_is_one(project):
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == project["version"] == metadata.version("softcert")


def test_every_public_name_exists_and_has_a_docstring():
    for name in OURS:
        module = import_module(name)
        for public in getattr(module, "__all__", ()):
            value = getattr(module, public)
            assert not callable(value) or value.__doc__, f"{name}.{public}"
    assert set(import_module("softcert").__all__) <= set(dir(import_module("softcert")))


def test_public_names_of_the_package_are_those_that_static_tools_see():
    tree = ast.parse((ROOT / "harness" / "softcert" / "__init__.py").read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("softcert")
        for alias in node.names
    }
    assert imported == set(import_module("softcert").__all__)


def test_a_wheel_installs_our_four_names_and_nothing_else(tmp_path):
    pytest.importorskip("hatchling")
    code = f"from hatchling.build import build_wheel; print(build_wheel({str(tmp_path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    roots = {name.split("/")[0] for name in names}
    assert {r for r in roots if not r.endswith(".dist-info")} == OURS
    assert {f"{name}/py.typed" for name in OURS} <= set(names)
    assert {
        "softcert/results/data/baseline.toml",
        "softcert/results/data/ground_truth.json",
        "softcert_reports/document/schema.json",
    } <= set(names)
    assert any(n.startswith("softcert_reports/page/templates/") for n in names)
    assert any(n.startswith("softcert_reports/page/vendor/") for n in names)
    assert not any("__pycache__" in n or n.startswith("tests/") for n in names)


def test_what_is_installed_is_our_four_names_and_nothing_else():
    files = metadata.files("softcert") or []
    roots = {file.parts[0] for file in files if not file.parts[0].startswith((".", "_"))}
    packages = {r for r in roots if not r.endswith((".dist-info", ".pth"))}
    assert packages <= OURS, "an editable install has a .pth file alone, a wheel the four packages"
