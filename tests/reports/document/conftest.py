"""The documents that are written and read: a realistic run, a hostile one, an empty one."""

from __future__ import annotations

import pytest
from tests.reports import sample

from softcert_reports import document as d

DOCUMENTS = {"sample": sample.sample, "hostile": sample.hostile, "empty": sample.empty}


@pytest.fixture(scope="module", params=list(DOCUMENTS))
def document(request: pytest.FixtureRequest) -> d.Document:
    return DOCUMENTS[request.param]()
