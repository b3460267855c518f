"""Runs that last long enough for something to be killed in the middle, and what must be true at their end."""

from pathlib import Path

from harness.models.outcomes import AttemptOutcome, TestOutcome
from harness.models.run import RunReport, RunState
from tests.acceptance.farm.conftest import write_suite
from tests.conftest import CallLog, plain_server

TESTS = 24
RECOVERY_S = 120
"""A lease is lost after 20 s of silence; a starved machine takes its time for the rest."""


def slow_suite(folder: Path, name: str, log: CallLog, *, seconds: float = 0.3, at_once: int = 2) -> Path:
    """24 tests, each of `seconds`."""
    tests = [{"tool": "sleep", "name": f"nap{number}", "input": {"seconds": seconds}} for number in range(TESTS)]
    return write_suite(folder, name, plain_server(log), tests, test_config={"max_concurrency": at_once})


def assert_recorded_once(report: RunReport, count: int) -> None:
    """Every test passed by exactly one record of a worker that counts; leases that were lost are told beside it."""
    assert report.run.state is RunState.CLOSED
    assert report.run.totals == {TestOutcome.PASSED: count}
    for test in report.tests:
        counting = [attempt.record for attempt in test.attempts if not attempt.stale and not attempt.superseded]
        outcomes = [record.outcome for record in counting if record.outcome is not AttemptOutcome.LOST]
        assert outcomes == [AttemptOutcome.PASSED], test.test_id


def assert_starts_are_told(report: RunReport, log: CallLog) -> None:
    """The report names a session for each process that the server counted, and no other."""
    attempts = [attempt for test in report.tests for attempt in test.attempts]
    told = [session for attempt in attempts for session in attempt.record.sessions_started]
    assert len(log.starts()) == len(told) == len(set(told))
