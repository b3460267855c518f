"""Which of a test's attempts speak for it. Every report asks here."""

from harness.models.attempt import AttemptRecord
from harness.models.outcomes import BAD_ATTEMPTS, AttemptOutcome
from harness.models.run import TestReport


def counting_records(test: TestReport) -> tuple[AttemptRecord, ...]:
    """The records that count, oldest first: neither stale nor superseded by a new start of their group."""
    return tuple(attempt.record for attempt in test.attempts if not (attempt.stale or attempt.superseded))


def deciding_record(test: TestReport) -> AttemptRecord | None:
    """The record that the test's outcome rests on: the last that is not lost, or the last one if all are."""
    records = counting_records(test)
    conclusive = [record for record in records if record.outcome is not AttemptOutcome.LOST]
    return next(reversed(conclusive or records), None)


def earlier_failures(test: TestReport) -> tuple[AttemptRecord, ...]:
    """The attempts before the deciding one that did not pass: what made a test flaky, or failed it before."""
    deciding = deciding_record(test)
    return tuple(
        record for record in counting_records(test) if record is not deciding and record.outcome in BAD_ATTEMPTS
    )


def first_failure(test: TestReport) -> AttemptRecord | None:
    """The first attempt that did not pass, of a test that was tried again: what explains a flaky one."""
    return next(iter(earlier_failures(test)), None)
