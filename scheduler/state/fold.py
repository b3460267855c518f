"""Attempts to outcome: the one place that says what a test's records mean. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.models.attempt import AttemptRecord, CheckFailure
from harness.models.outcomes import BAD_ATTEMPTS, AttemptOutcome, CauseKind, TestOutcome

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
        reason=one_line(_reason(last)),
        duration_s=last.duration_s,
    )


def one_line(text: str) -> str:
    """`text` as a bounded single line that any database takes: servers and workers may have had a part in it."""
    clean = "".join(char if char.isprintable() else " " for char in text[: 4 * MAX_REASON])
    line = " ".join(clean.split())
    return line if len(line) <= MAX_REASON else line[: MAX_REASON - 1] + "…"


def _outcome(conclusive: Sequence[AttemptRecord]) -> TestOutcome:
    last = _OUTCOMES[conclusive[-1].outcome]
    if last is TestOutcome.PASSED and any(attempt.outcome in BAD_ATTEMPTS for attempt in conclusive[:-1]):
        return TestOutcome.FLAKY
    return last


def _reason(attempt: AttemptRecord) -> str:
    if attempt.outcome is AttemptOutcome.FAILED and attempt.failures:
        first, *others = attempt.failures
        return _failure(first) + (f" (and {len(others)} more)" if others else "")
    return str(attempt.cause) if attempt.cause else ""


def _failure(failure: CheckFailure) -> str:
    where = f"{failure.check} at {failure.path}" if failure.path else failure.check
    return f"{where}: expected {failure.expected}, found {failure.actual}"


def _all_lost(attempts: Sequence[AttemptRecord]) -> Conclusion:
    workers = ", ".join(dict.fromkeys(attempt.worker for attempt in attempts if attempt.worker)) or "unknown workers"
    reason = f"{CauseKind.INFRASTRUCTURE}: lost {len(attempts)} times, on {workers}"
    return Conclusion(TestOutcome.ERROR, CauseKind.INFRASTRUCTURE, one_line(reason))
