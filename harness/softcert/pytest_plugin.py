"""The pytest plug-in: one item for each property of each operation and format of a subject.

``pytest --certify SPEC`` adds the items of a subject to a run; `parametrize_with_checks` puts them into a test-suite of
one's own. Known failures are declared with a reason and are strict: an unexpected pass fails. Nothing of softcert
is imported until one of the two is used, since pytest loads this file in every run of the environment.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from softcert.audit.options import add_options, pytest_configure

if TYPE_CHECKING:
    from softcert.certification.plan import Plan
    from softcert.results.certificate import Certificate
    from softcert_implementations.implementation import Implementation

__all__ = ["Check", "InconclusiveError", "PropertyFailedError", "parametrize_with_checks", "pytest_configure"]

COMPLETE = "complete"
"""The item that fails when a run was not complete, or found what no other item shows."""

CONTRACT = "softcert contract"
"""The name of the user property of a test that says what a contract leaves."""


class PropertyFailedError(AssertionError):
    """A property does not hold; the message is the finding's."""


class InconclusiveError(AssertionError):
    """Nothing is proven of what a check looks at: it was not run or not decided, or its domain or limits prove nothing.

    No expected failure covers it, whichever property it names.
    """


class Subject:
    """One subject with the keywords of `softcert.certify`; certified once, when the first of its checks runs."""

    def __init__(self, subject: object, keywords: Mapping[str, Any]) -> None:
        self._given, self._keywords = subject, dict(keywords)
        self._units: frozenset[tuple[str, str]] | None = None

    @cached_property
    def implementation(self) -> Implementation:
        """The subject, resolved without certifying it."""
        from softcert.executors import describe

        names = ("op", "dtypes", "arrays", "contract", "call", "isolation")
        return describe(self._given, **{k: v for k, v in self._keywords.items() if k in names})

    @cached_property
    def certificate(self) -> Certificate:
        """The certificate; the certification runs at the first use."""
        from softcert.commands.certify import Run
        from softcert.results.certificate import Certificate

        # pytest-xdist has a process for each core already.
        jobs = self._keywords.get("jobs", 1 if "PYTEST_XDIST_WORKER" in os.environ else None)
        run = Run(replace(self._plan, units=self._units), [self.implementation], jobs=jobs)
        run.certify()
        return Certificate.of(run.document("pytest"))

    def select(self, checks: Iterable[Check]) -> None:
        """Run what these checks look at, and nothing else. The check "complete" looks at everything."""
        units = {(check.operation, check.format) for check in checks}
        self._units = None if any(not operation for operation, _ in units) else frozenset(units)

    @cached_property
    def _plan(self) -> Plan:
        from softcert.certification.plan import Plan

        names = ("effort", "level", "seed", "isolation", "ops")
        return Plan.of(**{k: v for k, v in self._keywords.items() if k in names})

    def contract_line(self) -> str:
        """What the contract leaves of domain and limits, in one line; "" before the certification has run."""
        from softcert_reports.formatting.contracts import contract_lines

        certificate: Certificate | None = vars(self).get("certificate")
        lines = contract_lines(certificate.document) if certificate is not None else []
        return "; ".join(f"{subject.name}: {line}" for subject, line in lines)

    @cached_property
    def operations(self) -> tuple[str, ...]:
        """The operations that are certified: those of the subject, or those of them that ``ops`` names."""
        from softcert.certification.outcome import claimed

        return tuple(dict.fromkeys(operation for operation, _ in claimed(self.implementation, self._plan)))

    def checks(self) -> Iterator[Check]:
        """The checks of the subject, in the order of the tables.

        Raises
        ------
        UsageError
            For a subject that has none of the operations asked for, and for keywords that are not in the tables.
        """
        from softcert.properties.table import PROPERTIES
        from softcert_oracle.errors import UsageError

        if not self.operations:
            asked = self._keywords.get("ops")
            raise UsageError(f"ops={asked!r}: {self.implementation.name} has {', '.join(self.implementation.ops)}.")
        for operation in self.operations:
            for format in self.implementation.dtypes:
                for entry in PROPERTIES.values():
                    if operation in entry.operations:
                        yield Check(self, operation, format, entry.name)
        yield Check(self, "", "", COMPLETE)

    @cached_property
    def shown(self) -> frozenset[tuple[str, str, str]]:
        """What the checks look at: operation, format and property."""
        return frozenset((c.operation, c.format, c.property) for c in self.checks())


class Check:
    """One property of one operation in one format.

    Calling it raises `PropertyFailedError` where the property does not hold, and `InconclusiveError` where nothing is
    proven of the operation in that format: a check that is selected alone is green only where the whole run would
    have been so for its operation and format. What does not apply is skipped: the contract, the array library or the
    level leave nothing to check.
    """

    def __init__(self, subject: Subject, operation: str, format: str, property: str) -> None:
        self.subject, self.operation, self.format, self.property = subject, operation, format, property

    @property
    def id(self) -> str:
        """The name of the pytest item, the same in every run."""
        parts = (self.subject.implementation.name, self.operation, self.format, self.property)
        return _line("-".join(p for p in parts if p))

    def __repr__(self) -> str:
        return f"Check({self.id})"

    def __call__(self) -> None:
        """Run the certification, if no other check has, and look at this property."""
        __tracebackhide__ = True  # a failure shows the finding and the test, not these lines
        certificate = self.subject.certificate
        _check_ended(certificate)
        if self.property == COMPLETE:
            _check_complete(certificate, self.subject)
            return
        document = certificate.document
        asked = _rank(document.asked_level)
        mine = [c for c in document.cells if (c.operation, c.format) == (self.operation, self.format)]
        mine = [c for c in mine if _rank(c.level) <= asked]
        cells = [c for c in mine if c.property == self.property]
        for cell in cells:
            if cell.outcome in ("fail", "expected fail"):
                ids = cell.findings or tuple(
                    f.id for f in document.findings if (f.operation, f.format) == (self.operation, self.format)
                )  # one finding stands for all properties that fail by the same cause
                count = f"{self.property}: {cell.violations} of {cell.checks} checks fail"
                raise PropertyFailedError("\n\n".join((count, _text(certificate, ids))))
        for cell in cells:
            if cell.outcome == "undecided":
                raise InconclusiveError(f"{cell.undecided} of {cell.checks} checks stayed undecided at {cell.level}")
        _check_gave_results(certificate, self.operation, self.format)
        shown = [c for c in mine if (c.operation, c.format, c.property) in self.subject.shown]
        if not any(c.outcome in ("fail", "expected fail", "undecided") for c in shown):
            _check_level_is_held(certificate, self.operation, self.format)
        if not any(c.outcome == "pass" for c in cells):
            reasons = [c.reason for c in cells if c.reason]
            pytest.skip(_line(reasons[0]) if reasons else f"nothing to check at level {document.asked_level}")


def _check_ended(certificate: Certificate) -> None:
    """Raise where the run did not come to a verdict: then no check of it is green."""
    __tracebackhide__ = True
    document = certificate.document
    (subject,) = document.subjects
    if not document.complete:
        raise InconclusiveError(_line(document.incomplete_reason) or "the run is incomplete")
    if subject.verdict in ("harness error", "not run"):
        raise InconclusiveError(f"{subject.verdict}: {_line(subject.reason)}")
    if not subject.counts.checks:
        raise InconclusiveError("the run checked nothing")
    failing = any(f for f in document.findings if _rank(f.level) <= _rank(document.asked_level))
    if subject.verdict == "not certified" and not failing:
        raise InconclusiveError(f"not certified, and no finding says why: {_line(subject.reason)}")


def _check_gave_results(certificate: Certificate, operation: str, format: str) -> None:
    """Raise where no call of an operation gave a result: its other properties were looked at by nobody."""
    __tracebackhide__ = True
    domains = [d for d in certificate.document.domains if (d.operation, d.format) == (operation, format)]
    if not any(d.classes for d in domains):
        why = [e.reason for d in domains for e in (*d.not_run, *d.left_out)]
        raise InconclusiveError(f"no call of {operation} in {format} gave a result{f': {why[0]}' if why else ''}")


def _check_level_is_held(certificate: Certificate, operation: str, format: str) -> None:
    """Raise where an operation does not hold the asked level in a format, though no check of it fails."""
    __tracebackhide__ = True
    document = certificate.document
    (subject,) = document.subjects
    held = subject.levels.get(operation, {}).get(format)
    if held is None or held.level is None or _rank(held.level) < _rank(document.asked_level):
        why = subject.reason or f"level {document.asked_level} is not held, though no check fails"
        raise InconclusiveError(f"nothing is proven of {operation} in {format}: {_line(why)}")


def _check_complete(certificate: Certificate, subject: Subject) -> None:
    """Raise for everything that keeps a run from being certified, but what fails in an item of its own."""
    __tracebackhide__ = True
    document = certificate.document
    asked = _rank(document.asked_level)
    others = [
        f.id
        for f in document.findings
        if _rank(f.level) <= asked and (f.operation, f.format, f.property) not in subject.shown
    ]
    if others:
        raise PropertyFailedError(_text(certificate, tuple(others)))
    (result,) = document.subjects
    if result.verdict == "inconclusive" or (document.exit_code != 0 and result.verdict == "certified"):
        raise InconclusiveError(f"inconclusive: {result.reason or 'nothing is proven'}")
    unsettled = {(c.operation, c.format) for c in document.cells if c.outcome in ("fail", "expected fail", "undecided")}
    for operation, by_format in result.levels.items():
        for format in by_format:
            _check_gave_results(certificate, operation, format)
            if (operation, format) not in unsettled:
                _check_level_is_held(certificate, operation, format)


def _rank(level: str) -> int:
    from softcert_oracle.levels import Level

    return Level(level).rank


def _line(text: str) -> str:
    """A subject's word on one line, as a terminal and a log may show it."""
    from softcert_reports.formatting.sanitise import log_safe, one_line

    return log_safe(one_line(text))


def _text(certificate: Certificate, ids: tuple[str, ...]) -> str:
    from softcert_reports.exports.text import failures

    return failures(f for f in certificate.findings if f.id in ids)


def parametrize_with_checks(
    subjects: Iterable[object], *, expected_failures: Mapping[str, str] | None = None, **keywords: Any
) -> pytest.MarkDecorator:
    """Parametrize a test with the checks of some subjects; the test takes ``check`` and calls it.

    ``subjects`` are what `softcert.certify` takes, ``keywords`` its keywords (effort, level, dtypes, ...).
    ``expected_failures`` maps a property, or "operation/property", "format/property", "operation/format/property", to
    the reason why it is known to fail; the most specific key counts, and an unexpected pass fails the test.

    Raises `UsageError` for an expected failure that names no check, and where there is nothing to check.
    """
    from softcert.executors import worker
    from softcert_oracle.errors import UsageError

    if worker.inside():  # the worker imports the test file that defines its subject: nothing is described again
        return pytest.mark.parametrize("check", [])
    known = dict(expected_failures or {})
    given = [subjects] if isinstance(subjects, str) else list(subjects)
    if not given:
        raise UsageError("subjects=[]: nothing would be checked. Give at least one SPEC, function or Implementation.")
    checks = [check for subject in given for check in Subject(subject, keywords).checks()]
    _refuse_unknown(known, checks)
    parameters = []
    for check in checks:
        reason = _expected(check, known)
        marks = [pytest.mark.xfail(reason=reason, raises=PropertyFailedError, strict=True)] if reason else []
        parameters.append(pytest.param(check, id=check.id, marks=marks))
    return pytest.mark.parametrize("check", parameters)


def _keys(check: Check) -> tuple[str, ...]:
    operation, format, name = check.operation, check.format, check.property
    return f"{operation}/{format}/{name}", f"{operation}/{name}", f"{format}/{name}", name


def _expected(check: Check, known: Mapping[str, str]) -> str | None:
    return next((known[key] for key in _keys(check) if key in known), None)


def _refuse_unknown(known: Mapping[str, str], checks: list[Check]) -> None:
    from softcert_oracle.errors import unknown

    accepted = {key: None for check in checks for key in _keys(check)[::-1] if check.property != COMPLETE}
    for key in known:
        if key not in accepted:
            raise unknown("expected failure", key, [k for k in accepted if "/" not in k])


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plug-in."""
    group = parser.getgroup("softcert", "certify implementations of softmax and its relatives")
    group.addoption("--certify", action="append", default=[], metavar="SPEC", help="add the checks of this subject")
    group.addoption("--certify-effort", default="quick", metavar="EFFORT", help="quick, standard or thorough")
    group.addoption("--certify-level", default="stable", metavar="LEVEL", help="sound, stable, accurate or faithful")
    group.addoption("--certify-seed", default=0, type=int, metavar="N", help="seed of the drawn cases")
    add_options(group)


class CheckItem(pytest.Item):
    """A check as a pytest item of ``--certify``."""

    def __init__(self, *, check: Check, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.check = check

    def runtest(self) -> None:
        """Run the check."""
        self.check()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The finding alone: a traceback through softcert tells nothing about the subject."""
        if isinstance(excinfo.value, PropertyFailedError | InconclusiveError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where the item comes from: the command line."""
        return "softcert", None, f"certify {self.check.id}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the checks of the subjects named by ``--certify``; -k and --deselect then see them."""
    specs = config.getoption("certify")
    if not specs:
        return
    from softcert.executors.process import LoadError
    from softcert_oracle.errors import UsageError

    keywords = {name: config.getoption(f"certify_{name}") for name in ("effort", "level", "seed")}
    for spec in specs:
        try:
            checks = list(Subject(spec, keywords).checks())
        except (UsageError, LoadError) as error:
            raise pytest.UsageError(_line(f"--certify {spec}: {error}")) from None
        items += [CheckItem.from_parent(session, name=f"certify[{c.id}]", check=c) for c in checks]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have each subject run the operations and formats alone whose checks were not deselected."""
    checks: dict[Subject, list[Check]] = defaultdict(list)
    for item in session.items:
        if (check := _check_of(item)) is not None:
            checks[check.subject].append(check)
    for subject, selected in checks.items():
        subject.select(selected)


def _check_of(item: pytest.Item) -> Check | None:
    check = getattr(item, "check", None) or getattr(getattr(item, "callspec", None), "params", {}).get("check")
    return check if isinstance(check, Check) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """What a contract leaves goes with the report of each check, also from a process of pytest-xdist."""
    try:
        return (yield)
    finally:
        check = _check_of(item)
        if check is not None and (line := check.subject.contract_line()):
            item.user_properties.append((CONTRACT, line))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What the contracts of the certified subjects leave, beside the outcomes."""
    reports = [r for kind in terminalreporter.stats.values() for r in kind if hasattr(r, "user_properties")]
    lines = dict.fromkeys(line for r in reports for name, line in r.user_properties if name == CONTRACT)
    if lines:
        terminalreporter.section("softcert")
        for line in lines:
            terminalreporter.write_line(line)
