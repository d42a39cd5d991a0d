"""``pytest --audit OP``: a suite whose tests use the fixture ``candidate`` is run on every candidate.

A wrong candidate is killed when any of its tests fails, which is reported as an expected failure; one that no test
fails survives, and the session fails. Candidates run in the session's own process: `softcert audit` isolates them.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from softcert.audit.candidates import Candidate, Entry, entries


class AuditPlugin:
    """The plug-in of one session.

    Parameters
    ----------
    operation, format
        What the suite checks.
    """

    def __init__(self, operation: str, format: str) -> None:
        self.entries = entries(operation, format)
        self.failed: dict[str, bool] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Parametrise the tests that use a candidate, directly or through another fixture."""
        if "candidate" in metafunc.fixturenames:
            metafunc.parametrize("candidate", [_Fresh(e) for e in self.entries], ids=[e.name for e in self.entries])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        """Count failures by candidate; a wrong one that fails is expected to."""
        report: Any = yield
        given = getattr(getattr(item, "callspec", None), "params", {}).get("candidate")
        if isinstance(given, _Fresh) and call.when != "teardown":
            name = given.entry.name
            failed = report.outcome == "failed"
            self.failed[name] = self.failed.get(name, False) or failed
            if failed and given.entry.wrong:
                report.outcome, report.wasxfail = "skipped", "a wrong implementation, refused"
        return report

    @property
    def survivors(self) -> list[Entry]:
        """Wrong candidates that ran and that no test refused."""
        return [e for e in self.entries if e.wrong and self.failed.get(e.name) is False]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the session where a wrong candidate survives, or no test used the fixture."""
        if (self.survivors or not self.failed) and int(session.exitstatus) == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The kill rate, and who survives."""
        terminalreporter.section("softcert audit")
        ran = [e for e in self.entries if e.name in self.failed]
        wrong = [e for e in ran if e.wrong]
        refused = [e for e in ran if not e.wrong and self.failed[e.name]]
        if not ran:
            terminalreporter.write_line("no test uses the fixture `candidate`: nothing was audited")
            return
        terminalreporter.write_line(
            f"wrong implementations refused: {len(wrong) - len(self.survivors)} of {len(wrong)}; "
            f"correct ones refused: {len(refused)} of {len(ran) - len(wrong)}"
        )
        for entry in self.survivors[:20]:
            terminalreporter.write_line(f"  passes: {entry.name} ({entry.family}), which {entry.behaves.rstrip('.')}")
        if len(self.survivors) > 20:
            terminalreporter.write_line(f"  and {len(self.survivors) - 20} more")


class _Fresh(Candidate):
    """A candidate that starts afresh in each test, so that what remembers calls remembers those of its test alone."""

    def __call__(self, x: Any, labels: Any = None, **where: Any) -> Any:
        """As `Candidate`; its calls are not kept."""
        self.calls.clear()
        return super().__call__(x, labels, **where)
