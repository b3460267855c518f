"""What outcomes count as."""

from collections import Counter

from harness.models.outcomes import (
    BAD,
    BAD_ATTEMPTS,
    BROKEN,
    EXECUTED,
    GOOD,
    INCONCLUSIVE,
    LEFT_OUT,
    STOPPED,
    AttemptOutcome,
    TestOutcome,
)


def test_every_outcome_of_a_test_counts_as_exactly_one_thing() -> None:
    assert Counter([*GOOD, *BAD, *LEFT_OUT, *STOPPED]) == Counter(TestOutcome)
    assert EXECUTED == GOOD | BAD
    assert BROKEN < BAD


def test_every_outcome_of_an_attempt_counts_as_exactly_one_thing() -> None:
    assert Counter([AttemptOutcome.PASSED, *BAD_ATTEMPTS, *INCONCLUSIVE]) == Counter(AttemptOutcome)
