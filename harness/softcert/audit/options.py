"""The options of ``pytest --audit``; nothing of the audit is loaded before one is asked for."""

from __future__ import annotations

from typing import Any

import pytest


def add_options(group: Any) -> None:
    """Add the options to the plug-in's group."""
    group.addoption("--audit", default=None, metavar="OP", help="run tests with the fixture `candidate` on the gallery")
    group.addoption("--audit-dtype", default="float32", metavar="FORMAT", help="the format of the audit")


def pytest_configure(config: pytest.Config) -> None:
    """Register the audit, where one is asked for."""
    operation = config.getoption("audit")
    if operation is None:
        return
    from softcert_oracle.errors import UsageError
    from softcert_reports.formatting.sanitise import log_safe, one_line

    try:
        from softcert.audit.pytest_audit import AuditPlugin

        config.pluginmanager.register(AuditPlugin(operation, config.getoption("audit_dtype")), "softcert-audit")
    except UsageError as error:
        raise pytest.UsageError(log_safe(one_line(f"--audit {operation}: {error}"))) from None
