"""Exit codes and words of verdicts."""

import pytest

from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import TestReport
from scheduler.reports.verdict import ExitCode, Verdict, exit_code, verdict
from tests.unit.reports.runs import case, cause, record, run_of


def ended(outcome: TestOutcome | None) -> TestReport:
    return case("t", outcome)


def unavailable() -> TestReport:
    why = cause(CauseKind.SERVER_UNAVAILABLE, "exit code 1")
    return case("t", TestOutcome.ERROR, record(AttemptOutcome.ERROR, cause=why), reason=str(why))


def infrastructure() -> TestReport:
    return case("t", TestOutcome.ERROR, record(AttemptOutcome.LOST), reason="infrastructure: lost 3 times")


def faulty() -> TestReport:
    return case("t", TestOutcome.ERROR, record(AttemptOutcome.ERROR, cause=cause(CauseKind.PROTOCOL, "not JSON")))


T = TestOutcome
PASSED, FAILED, FLAKY, SKIPPED = (ended(outcome) for outcome in (T.PASSED, T.FAILED, T.FLAKY, T.SKIPPED))
CANCELLED, NOT_RUN, OPEN = (ended(outcome) for outcome in (T.CANCELLED, T.NOT_RUN, None))
DOWN = unavailable()
UNTRIED = ended(T.ERROR).model_copy(update={"cause": CauseKind.SERVER_UNREACHABLE})


@pytest.mark.parametrize(
    ("tests", "code", "word"),
    [
        ((PASSED,), ExitCode.PASSED, Verdict.PASSED),
        ((PASSED, FLAKY, SKIPPED), ExitCode.PASSED, Verdict.PASSED),
        ((SKIPPED,), ExitCode.PASSED, Verdict.PASSED),
        ((PASSED, FAILED), ExitCode.FAILED, Verdict.FAILED),
        ((PASSED, ended(T.ERROR)), ExitCode.FAILED, Verdict.FAILED),
        ((PASSED, ended(T.TIMEOUT)), ExitCode.FAILED, Verdict.FAILED),
        ((infrastructure(),), ExitCode.FAILED, Verdict.FAILED),
        ((DOWN, PASSED), ExitCode.FAILED, Verdict.FAILED),
        ((faulty(),), ExitCode.FAILED, Verdict.FAILED),
        ((DOWN, infrastructure()), ExitCode.FAILED, Verdict.FAILED),
        ((DOWN,), ExitCode.NO_SERVER, Verdict.FAILED),
        ((DOWN, DOWN, SKIPPED), ExitCode.NO_SERVER, Verdict.FAILED),
        ((DOWN, UNTRIED), ExitCode.NO_SERVER, Verdict.FAILED),
        ((PASSED, UNTRIED), ExitCode.FAILED, Verdict.FAILED),
        ((DOWN, NOT_RUN), ExitCode.NO_SERVER, Verdict.FAILED),
        ((DOWN, CANCELLED), ExitCode.NO_SERVER, Verdict.CANCELLED),
        ((PASSED, NOT_RUN), ExitCode.INCOMPLETE, Verdict.INCOMPLETE),
        ((PASSED, OPEN), ExitCode.INCOMPLETE, Verdict.INCOMPLETE),
        ((NOT_RUN,), ExitCode.INCOMPLETE, Verdict.INCOMPLETE),
        ((FAILED, NOT_RUN), ExitCode.INCOMPLETE, Verdict.FAILED),
        ((FAILED, CANCELLED), ExitCode.INCOMPLETE, Verdict.CANCELLED),
        ((PASSED, CANCELLED), ExitCode.INCOMPLETE, Verdict.CANCELLED),
    ],
)
def test_a_run_ends_with_one_code_and_one_word(tests: tuple[TestReport, ...], code: ExitCode, word: Verdict) -> None:
    report = run_of(*tests)
    assert (exit_code(report), verdict(report)) == (code, word)
