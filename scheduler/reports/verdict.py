"""The verdict on a run: its exit code and its word. One exhaustive place; pure."""

from enum import IntEnum, StrEnum

from harness.models.outcomes import BAD, EXECUTED, NO_SERVER_CAUSES, TestOutcome
from harness.models.run import RunReport, TestReport
from scheduler.reports.tolerance import reaches_its_rate
from scheduler.reports.totals import Totals, count_outcomes


class ExitCode(IntEnum):
    """What a command ends with. If several hold: 2, 4, 3, 6, 1, 5."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    NO_SERVER = 3  # every test that was tried found its server unavailable
    FARM = 4
    SLOWER = 5
    INCOMPLETE = 6
    INTERRUPTED = 130


class Verdict(StrEnum):
    """The first word of a summary. The worst one wins, in this order."""

    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    INCOMPLETE = "INCOMPLETE"
    PASSED = "PASSED"


def exit_code(report: RunReport) -> ExitCode:
    """What the command ends with for a run. Codes 2, 4 and 130 are not about runs: they come from elsewhere."""
    totals = count_outcomes(report.tests)
    return exit_code_of(totals, found_server=not no_server_ran(report), tolerated=len(tolerated_tests(report)))


def exit_code_of(totals: Totals, *, found_server: bool, tolerated: int = 0) -> ExitCode:
    """The same from counts alone: a run of 100,000 tests need not be read for it."""
    if totals.run and not found_server:
        return ExitCode.NO_SERVER
    if totals.unfinished:
        return ExitCode.INCOMPLETE
    return ExitCode.FAILED if totals.bad > tolerated else ExitCode.PASSED


def verdict(report: RunReport) -> Verdict:
    """The word for a run. A run with tests that did not run has never passed."""
    totals = count_outcomes(report.tests)
    if totals.of(TestOutcome.CANCELLED):
        return Verdict.CANCELLED
    if totals.bad > len(tolerated_tests(report)):
        return Verdict.FAILED
    return Verdict.INCOMPLETE if totals.unfinished else Verdict.PASSED


def tolerated_tests(report: RunReport) -> tuple[TestReport, ...]:
    """The bad tests that do not decide, as enough others of their suite passed."""
    forgiven: list[TestReport] = []
    for terms in report.suites:
        tests = [test for test in report.tests if (test.suite, test.target) == (terms.suite, terms.target)]
        if reaches_its_rate(count_outcomes(tests), terms.required_success_rate):
            forgiven += [test for test in tests if test.outcome in BAD]
    return tuple(forgiven)


def no_server_ran(report: RunReport) -> bool:
    """True when tests were tried, and every one of them found its server unavailable."""
    tried = [test for test in report.tests if test.outcome in EXECUTED]
    return bool(tried) and all(_server_was_unavailable(test) for test in tried)


def _server_was_unavailable(test: TestReport) -> bool:
    return test.outcome is TestOutcome.ERROR and test.cause in NO_SERVER_CAUSES
