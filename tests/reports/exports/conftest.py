"""The documents that every export is tried on: a realistic run, a hostile one, an empty one."""

from __future__ import annotations

import pytest
from tests.reports import sample

from softcert_reports.document import Document

DOCUMENTS = {"sample": sample.sample, "hostile": sample.hostile, "empty": sample.empty}


@pytest.fixture(scope="module", params=list(DOCUMENTS))
def results(request: pytest.FixtureRequest) -> Document:
    return DOCUMENTS[request.param]()
