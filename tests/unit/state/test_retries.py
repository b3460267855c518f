"""Which attempts are made again, and when: the policy of the suite, our words, never the server's."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.models.attempt import AttemptRecord, Cause, CheckFailure
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.models.suite import Retry
from scheduler.state.retries import WORDS, delay_ms, retry_budget, wants_retry, words_of

PAGE = Path(__file__).parents[3] / "docs" / "suites.md"
AT = datetime(2026, 1, 1, tzinfo=UTC)
ANY = Retry()


def attempt(
    kind: CauseKind | None = CauseKind.TIME_LIMIT,
    outcome: AttemptOutcome | None = AttemptOutcome.TIMEOUT,
    **more: object,
) -> AttemptRecord:
    cause = None if kind is None else Cause(kind=kind, message="connection refused, says the server")
    record = AttemptRecord(
        run_id="r", number=1, test_id="t", lease=1, worker="w", outcome=outcome, cause=cause, started_at=AT, ended_at=AT
    )
    return record.model_copy(update=more)


def test_without_a_policy_nothing_is_run_again() -> None:
    assert not wants_retry(None, attempt(), 0, idempotent=True)


def test_a_policy_without_patterns_runs_again_whatever_went_wrong_until_its_retries_are_used_up() -> None:
    assert [wants_retry(Retry(max_retries=2), attempt(), used, idempotent=True) for used in range(4)] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (AttemptOutcome.PASSED, None),
        (AttemptOutcome.LOST, CauseKind.INFRASTRUCTURE),
        (AttemptOutcome.ABORTED, CauseKind.CANCELLED),
        (None, CauseKind.DEPENDENCY),
        (AttemptOutcome.ERROR, CauseKind.UNSUPPORTED),
    ],
)
def test_what_says_nothing_against_the_test_is_not_for_the_policy(
    outcome: AttemptOutcome | None, kind: CauseKind | None
) -> None:
    assert not wants_retry(ANY, attempt(kind, outcome), 0, idempotent=True)


@pytest.mark.parametrize(
    ("pattern", "kind", "outcome", "again"),
    [
        ("TIMEOUT", CauseKind.TIME_LIMIT, AttemptOutcome.TIMEOUT, True),
        ("connection refused", CauseKind.SERVER_UNAVAILABLE, AttemptOutcome.ERROR, True),
        ("connection (lost|reset)", CauseKind.SERVER_DIED, AttemptOutcome.ERROR, True),
        ("connection refused", CauseKind.UNEXPECTED_ERROR, AttemptOutcome.FAILED, False),
        ("timeout", CauseKind.CHECK, AttemptOutcome.FAILED, False),
    ],
)
def test_patterns_are_compared_with_our_words_and_not_with_the_servers(
    pattern: str, kind: CauseKind, outcome: AttemptOutcome, again: bool
) -> None:
    policy = Retry(retry_on_patterns=(pattern,))
    assert wants_retry(policy, attempt(kind, outcome), 0, idempotent=True) is again


def test_a_pattern_that_forbids_is_stronger_than_one_that_allows() -> None:
    policy = Retry(retry_on_patterns=("time",), no_retry_patterns=("timed out",))
    assert not wants_retry(policy, attempt(), 0, idempotent=True)


def test_the_names_of_checks_are_among_our_words() -> None:
    failures = (CheckFailure(check="pattern", path="$.x", expected="a", actual="b"),)
    record = attempt(CauseKind.CHECK, AttemptOutcome.FAILED, failures=failures)
    assert words_of(record) == "failed: check failed pattern"
    assert wants_retry(Retry(retry_on_patterns=("pattern",)), record, 0, idempotent=True)


def test_a_call_that_must_not_be_made_twice_is_made_again_only_if_it_never_left() -> None:
    assert not wants_retry(ANY, attempt(request_written=True), 0, idempotent=False)
    assert wants_retry(ANY, attempt(request_written=False), 0, idempotent=False)


def test_delays_double_up_to_the_highest() -> None:
    policy = Retry(retry_delay_ms=100, max_backoff_ms=450, jitter=False)
    assert [delay_ms(policy, used, 0.9) for used in range(4)] == [100, 200, 400, 450]
    assert delay_ms(policy.model_copy(update={"exponential_backoff": False}), 3, 0) == 100


@given(st.integers(0, 10), st.floats(0, 1, exclude_max=True))
def test_chance_shortens_a_delay_by_half_at_most(used: int, chance: float) -> None:
    steady = delay_ms(Retry(jitter=False), used, chance)
    assert steady / 2 <= delay_ms(Retry(), used, chance) + 1 and delay_ms(Retry(), used, chance) <= steady


def test_a_run_may_repeat_a_tenth_of_its_tests_and_ten_at_least() -> None:
    assert [retry_budget(total) for total in (0, 40, 100, 5000)] == [10, 10, 10, 500]


def test_every_cause_that_can_be_retried_has_words() -> None:
    never = {
        CauseKind.DEPENDENCY,
        CauseKind.CONDITION,
        CauseKind.UNSUPPORTED,
        CauseKind.CANCELLED,
        CauseKind.INFRASTRUCTURE,
        CauseKind.WORKER_LOST,
        CauseKind.HANDED_BACK,
        CauseKind.POISON,
        CauseKind.SERVER_UNREACHABLE,
        CauseKind.NO_WORKER,
    }
    assert set(WORDS) == set(CauseKind) - never


def test_the_page_for_authors_shows_the_words_that_patterns_are_compared_with() -> None:
    table = PAGE.read_text().split("| cause | words |\n|---|---|\n")[1].split("\n\n")[0]
    rows = [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in table.splitlines()]
    assert rows == [(kind.value, words) for kind, words in WORDS.items()]
