"""One results document to one HTML file that opens anywhere, asks nobody for anything and trusts nothing in it.

The page may run only the scripts and styles whose hashes stand in its content security policy, and may fetch nothing.
Every text is escaped by Jinja and stripped of what no page may hold; the same document gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from softcert_reports.document import Document, canonical, save
from softcert_reports.document.atomic import write_whole
from softcert_reports.formatting import numbers, ranking, sanitise, wording
from softcert_reports.formatting.contracts import contract_line
from softcert_reports.page import anchors, matrix, plots, view

__all__ = ["page", "render", "write"]


def render(document: Document) -> str:
    """The whole report as one HTML page.

    Parameters
    ----------
    document
        The results of one run.

    Returns
    -------
    str
        The page (UTF-8): one file without any request to anywhere, the same bytes for the same document.

    Raises
    ------
    DocumentError
        If a field of the document does not fit its annotation.
    """
    document = canonical(document)
    context = view.context(document)
    pictures = plots.data(document)
    drawn = any(pictures[kind] for kind in ("series", "histograms", "speed", "findings", "hulls"))
    return page(
        "page.html",
        document.title,
        {**context, "plots": pictures if drawn else None},
        data={**matrix.details(document, context["matrix"]), "plots": pictures if drawn else None},
        libraries=plots.libraries() if drawn else [],
    )


def write(document: Document, directory: str | Path) -> Path:
    """Write ``results.json`` and ``index.html`` into a directory, each whole or not at all.

    Parameters
    ----------
    document
        The results of one run.
    directory
        The folder; it is made if it does not exist.

    Returns
    -------
    Path
        The path of the page.

    Raises
    ------
    DocumentError
        If a field does not fit its annotation, or a file cannot be written.
    """
    folder = Path(directory)
    document = save(document, folder / "results.json")
    write_whole(folder / "index.html", render(document))
    return folder / "index.html"


def page(template: str, title: str, context: dict[str, Any], data: object, libraries: list[str]) -> str:
    """A page from a template: styles and scripts inline, the policy made from their hashes."""
    style = _source("style.css")
    scripts = [*libraries, _script()] if data is not None else []
    context = {
        **context,
        "title": sanitise.short(title, 120),
        "policy": _policy([style, *([plots.PLOT_STYLE] if libraries else [])], scripts),
        "style": Markup(style),
        "scripts": [Markup(s) for s in scripts],
        "data": Markup(sanitise.script_json(data)),
    }
    return _environment().get_template(template).render(context)


def _script() -> str:
    """Our own script: the page's parts first, then what starts them."""
    return "".join(map(_source, ("overviews.js", "pictures.js", "plots.js", "matrix.js", "page.js")))


def _source(name: str) -> str:
    """A file beside the templates, as it stands."""
    loader = _environment().loader
    assert loader is not None
    return loader.get_source(_environment(), name)[0]


def _policy(styles: list[str], scripts: list[str]) -> str:
    """The content security policy: these very styles and scripts, and nothing from anywhere."""
    parts = ["default-src 'none'", "img-src data:", "base-uri 'none'", "form-action 'none'"]
    parts.append("style-src " + " ".join(_hash(s) for s in styles))
    parts.append("script-src " + (" ".join(_hash(s) for s in scripts) or "'none'"))
    return "; ".join(parts)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("softcert_reports.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: sanitise.visible(value) if type(value) is str else value,
    )
    filters: dict[str, Callable[..., Any]] = {
        "sig": numbers.significant,
        "count": numbers.count,
        "several": numbers.several,
        "span": numbers.span,
        "corners": lambda hull: numbers.corners((corner.rows, corner.classes) for corner in hull),
        "listed": numbers.listed,
        "short": sanitise.short,
        "code": sanitise.directed,
        "recipe": wording.recipe,
        "size": wording.excess,
        "behaviour": wording.behaviour,
        "plain": wording.plain_data,
        "mathml": lambda text: Markup(sanitise.mathml(text)),
    }
    environment.filters.update(filters)
    environment.globals.update(
        cell_anchor=anchors.of_cell,
        cause_anchor=anchors.of_cause,
        finding_anchor=anchors.of_finding,
        rows_of=ranking.shown_rows,
        subject_anchor=anchors.of_subject,
        rank=ranking.rank,
        holds=wording.holds,
        contract_line=contract_line,
        denominators=wording.denominators,
        glyphs=wording.GLYPHS,
        verdict_glyphs=wording.VERDICT_GLYPHS,
        level_meaning=wording.LEVEL_MEANING,
        outcome_meaning=wording.OUTCOME_MEANING,
        codes=matrix.CODES,
    )
    return environment
