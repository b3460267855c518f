"""Attempts to outcome."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from harness.models.attempt import AttemptRecord, Cause, CheckFailure
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from scheduler.state.fold import MAX_REASON, Conclusion, fold

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PASSED, FAILED, LOST = AttemptOutcome.PASSED, AttemptOutcome.FAILED, AttemptOutcome.LOST


def attempt(outcome: AttemptOutcome | None, **changes: Any) -> AttemptRecord:
    fields: dict[str, Any] = {
        "run_id": "r",
        "number": 0,
        "test_id": "p/s/t/echo/one",
        "lease": 1,
        "worker": "w1",
        "outcome": outcome,
        "started_at": NOON,
        "ended_at": NOON + timedelta(seconds=2),
    }
    return AttemptRecord(**{**fields, **changes})


@pytest.mark.parametrize(
    ("outcomes", "folded"),
    [
        ([PASSED], TestOutcome.PASSED),
        ([LOST, PASSED], TestOutcome.PASSED),
        ([FAILED, PASSED], TestOutcome.FLAKY),
        ([AttemptOutcome.TIMEOUT, LOST, PASSED], TestOutcome.FLAKY),
        ([FAILED], TestOutcome.FAILED),
        ([PASSED, FAILED], TestOutcome.FAILED),
        ([AttemptOutcome.ERROR], TestOutcome.ERROR),
        ([AttemptOutcome.TIMEOUT], TestOutcome.TIMEOUT),
        ([AttemptOutcome.ABORTED], TestOutcome.CANCELLED),
        ([None], TestOutcome.SKIPPED),
        ([LOST, LOST, LOST], TestOutcome.ERROR),
    ],
)
def test_the_outcome_follows_from_the_attempts(outcomes: list[AttemptOutcome | None], folded: TestOutcome) -> None:
    assert fold([attempt(outcome) for outcome in outcomes]).outcome is folded


def test_every_outcome_of_an_attempt_can_be_folded() -> None:
    assert {fold([attempt(outcome)]).outcome for outcome in AttemptOutcome} <= set(TestOutcome)


def test_a_test_lost_three_times_names_infrastructure_and_the_workers() -> None:
    lost = [attempt(LOST, lease=n, worker=f"w{n % 2}") for n in (1, 2, 3)]
    reason = "infrastructure: lost 3 times, on w1, w0"
    assert fold(lost) == Conclusion(TestOutcome.ERROR, CauseKind.INFRASTRUCTURE, reason)


def test_a_failed_check_is_the_reason_and_others_are_counted() -> None:
    failures = tuple(CheckFailure(check="value", path=f"$.{n}", expected="1", actual="2") for n in "abc")
    failed = attempt(FAILED, failures=failures, cause=Cause(kind=CauseKind.CHECK, message="3 checks"))
    assert fold([failed]) == Conclusion(
        TestOutcome.FAILED, CauseKind.CHECK, "value at $.a: expected 1, got 2 (and 2 more)", 2.0
    )


def test_a_test_passed_over_says_why() -> None:
    cause = Cause(kind=CauseKind.DEPENDENCY, message="'create' failed")
    assert fold([attempt(None, cause=cause)]).reason == "dependency: 'create' failed"


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\x1b[31mb", "a\ud800b", "x" * 10_000, "\u202e" * 900])
def test_a_reason_is_one_bounded_printable_line(text: str) -> None:
    line = fold([attempt(None, cause=Cause(kind=CauseKind.DEPENDENCY, message=text))]).reason
    assert len(line) <= MAX_REASON
    assert line.isprintable()
    line.encode()
