"""The page of the field: one HTML file that opens offline, without scripts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from benchmarks.field import view

import softcert_reports.page

_TEMPLATES = Path(softcert_reports.page.__file__).parent / "templates"


def render(document: Mapping[str, Any]) -> str:
    """The page of a document of the field; every text in it is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(number=view.number, rank=view.rank, count=view.count, figure=view.figure)
    style = (_TEMPLATES / "style.css").read_text()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("page.html").render(
        document=document,
        style=style,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:",
        tables=view.levels(document),
        cards=view.cards(document),
        special=view.special(document),
        speeds=view.speeds(document),
        not_run=view.not_run(document),
        rows=view.measured(document),
        names=view.titles(document),
    )
