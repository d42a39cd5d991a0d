"""Hooks of MkDocs: the pages are written for a reader of the repository, and the site is made of the same files.

- A link out of docs/ (``../README.md``, ``../examples``) leads to a copy of that file within the site. Markdown becomes
  a page, a folder a page that shows its files, everything else a file as it is. So every link is checked, and none
  needs the address of a repository.
- The API reference is made of the public names of the packages, so it cannot lack one.
- Fences have words for the tests behind their language (``console measured``), which Markdown's renderer does not know.
"""

from __future__ import annotations

import importlib
import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
COPIES = "repository"
"""The folder of the site that holds what lies outside of docs/."""

PACKAGES = (
    "softcert",
    "softcert.testing",
    "softcert_oracle",
    "softcert_implementations.contract_fields",
    "softcert_reports.document",
)
"""What the API reference shows, by the module whose public names it lists."""

_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)\s#]+)(#[^)\s]*)?(?=\))")
_FENCE_WORDS = re.compile(r"^(`{3,}\w+) [^\n`]+$", re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the API reference, and copies of whatever the pages link to outside of docs/, one after the other."""
    shown: set[str] = set()
    for module in PACKAGES:
        files.append(File.generated(config, f"api/{module}.md", content=reference(module, shown)))
    for file in [*files.documentation_pages()]:
        if file.abs_src_path:
            _copy_targets(files, config, Path(file.abs_src_path))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Write a page's links anew as the site has them, and its fences without the words for tests."""
    own = page.file.src_uri
    source = _source(own)
    text = _FENCE_WORDS.sub(r"\1", markdown)
    if source is None:
        return text

    def moved(match: re.Match[str]) -> str:
        target = (source.parent / match[1]).resolve()
        uri = site_uri(target)
        return posixpath.relpath(uri, posixpath.dirname(own) or ".") + (match[2] or "")

    return _LINK.sub(moved, text)


def reference(module: str, shown: set[str]) -> str:
    """The page of a module's public names: what mkdocstrings makes of each, from its docstring.

    Parameters
    ----------
    module
        The module whose names are listed.
    shown
        What earlier pages show already, and this one need not; the page's own are added.
    """
    loaded = importlib.import_module(module)
    names = getattr(loaded, "__all__", None) or _own_names(loaded)
    parts = [f"# {module}\n"]
    for name in names:
        value = getattr(loaded, name)
        home = getattr(value, "__module__", None)
        has_home = isinstance(home, str) and home.startswith("softcert") and hasattr(value, "__qualname__")
        path = f"{home}.{value.__qualname__}" if has_home else f"{module}.{name}"
        parts.append(f"[`{name}`][{path}]\n" if path in shown else f"::: {path}\n")
        shown.add(path)
    return "\n".join(parts)


def _own_names(module: object) -> list[str]:
    """The public functions and classes that a module without ``__all__`` defines itself."""
    own = getattr(module, "__name__", "")
    return [n for n, v in vars(module).items() if not n.startswith("_") and getattr(v, "__module__", None) == own]


def site_uri(target: Path) -> str:
    """Where the site has a file of the repository."""
    path = target.relative_to(ROOT)
    if path.parts[0] == "docs":
        return path.relative_to("docs").as_posix()
    return f"{COPIES}/{path.as_posix()}{'/index.md' if target.is_dir() else ''}"


def _source(uri: str) -> Path | None:
    """The file of the repository that a page of the site was made of; None for a generated one."""
    if uri.startswith("api/"):
        return None
    path = ROOT / uri.removeprefix(f"{COPIES}/") if uri.startswith(f"{COPIES}/") else ROOT / "docs" / uri
    return path if path.is_file() else None


def _copy_targets(files: Files, config: MkDocsConfig, page: Path) -> None:
    """Copy what a page links to outside of docs/, and what the copies link to."""
    for match in _LINK.finditer(page.read_text(encoding="utf-8")):
        target = (page.parent / match[1]).resolve()
        if not target.exists() or not target.is_relative_to(ROOT) or target.is_relative_to(ROOT / "docs"):
            continue  # a link that leads nowhere is left for the strict build to refuse
        uri = site_uri(target)
        if files.get_file_from_path(uri) is not None:
            continue
        if target.is_dir():
            files.append(File.generated(config, uri, content=_listing(target)))
            continue
        files.append(File.generated(config, uri, content=target.read_bytes(), inclusion=InclusionLevel.NOT_IN_NAV))
        if target.suffix == ".md":
            _copy_targets(files, config, target)


def _listing(folder: Path) -> str:
    """A folder as a page: each file with the first line of what it says about itself, and its text."""
    name = folder.relative_to(ROOT).as_posix()
    parts = [f"# {name}/\n"]
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in (".py", ".c", ".toml", ".md")):
        if "__pycache__" not in path.parts:
            language = {".py": "python", ".c": "c", ".toml": "toml"}.get(path.suffix, "text")
            text = path.read_text(encoding="utf-8").rstrip()
            parts.append(f"## {path.relative_to(folder).as_posix()}\n\n````{language}\n{text}\n````\n")
    return "\n".join(parts)
