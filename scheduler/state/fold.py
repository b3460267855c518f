"""Attempts to outcome: the one place that says what a test's records mean. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.models.attempt import AttemptRecord
from harness.models.outcomes import BAD_ATTEMPTS, INCONCLUSIVE, AttemptOutcome, CauseKind, TestOutcome
from harness.safe_text import one_line
from scheduler.state.machine import MAX_LOSSES

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
    """The outcome of a test from its accepted attempts, in any order; superseded ones left out by the caller."""
    in_order = sorted(attempts, key=lambda attempt: attempt.lease)
    conclusive = [attempt for attempt in in_order if attempt.outcome not in INCONCLUSIVE]
    conclusive = conclusive or [attempt for attempt in in_order if attempt.outcome is AttemptOutcome.ABORTED]
    if not conclusive:
        return _all_lost(in_order)
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
    """Not one attempt came to an end. A test that took down a worker each time is to blame itself: it is poison."""
    taken_down = dict.fromkeys(attempt.worker for attempt in attempts if _took_down_its_worker(attempt))
    if len(taken_down) >= MAX_LOSSES:
        evidence = f"it took down {len(taken_down)} workers, the last one while it ran alone: {', '.join(taken_down)}"
        return _error(CauseKind.POISON, evidence)
    workers = ", ".join(dict.fromkeys(attempt.worker for attempt in attempts if attempt.worker)) or "unknown workers"
    return _error(CauseKind.INFRASTRUCTURE, f"lost {len(attempts)} times, on {workers}")


def _took_down_its_worker(attempt: AttemptRecord) -> bool:
    return bool(attempt.worker) and attempt.cause is not None and attempt.cause.kind is CauseKind.WORKER_LOST


def _error(kind: CauseKind, message: str) -> Conclusion:
    return Conclusion(TestOutcome.ERROR, kind, one_line(f"{kind}: {message}", MAX_REASON))
