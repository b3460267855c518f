"""Attempts to outcome: the one place that says what a test's records mean. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.models.attempt import AttemptRecord
from harness.models.outcomes import BAD_ATTEMPTS, AttemptOutcome, CauseKind, TestOutcome
from harness.safe_text import one_line

MAX_REASON = 500
_OUTCOMES = {
    AttemptOutcome.PASSED: TestOutcome.PASSED,
    AttemptOutcome.FAILED: TestOutcome.FAILED,
    AttemptOutcome.ERROR: TestOutcome.ERROR,
    AttemptOutcome.TIMEOUT: TestOutcome.TIMEOUT,
    AttemptOutcome.ABORTED: TestOutcome.CANCELLED,
    None: TestOutcome.SKIPPED,
}


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What became of a test. `reason` is one bounded line; `duration_s` that of the attempt that decided."""

    outcome: TestOutcome
    cause: CauseKind | None = None
    reason: str = ""
    duration_s: float = 0.0


def fold(attempts: Sequence[AttemptRecord]) -> Conclusion:
    """The outcome of a test from its accepted attempts, oldest first; superseded ones left out by the caller."""
    conclusive = [attempt for attempt in attempts if attempt.outcome is not AttemptOutcome.LOST]
    if not conclusive:
        return _all_lost(attempts)
    last = conclusive[-1]
    return Conclusion(
        outcome=_outcome(conclusive),
        cause=last.cause.kind if last.cause else None,
        reason=one_line(last.reason, MAX_REASON),
        duration_s=last.duration_s,
    )


def _outcome(conclusive: Sequence[AttemptRecord]) -> TestOutcome:
    last = _OUTCOMES[conclusive[-1].outcome]
    if last is TestOutcome.PASSED and any(attempt.outcome in BAD_ATTEMPTS for attempt in conclusive[:-1]):
        return TestOutcome.FLAKY
    return last


def _all_lost(attempts: Sequence[AttemptRecord]) -> Conclusion:
    workers = ", ".join(dict.fromkeys(attempt.worker for attempt in attempts if attempt.worker)) or "unknown workers"
    reason = f"{CauseKind.INFRASTRUCTURE}: lost {len(attempts)} times, on {workers}"
    return Conclusion(TestOutcome.ERROR, CauseKind.INFRASTRUCTURE, one_line(reason, MAX_REASON))
