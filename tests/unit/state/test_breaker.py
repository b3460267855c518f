"""What becomes of a target's tests while its server cannot be started."""

from hypothesis import given
from hypothesis import strategies as st

from scheduler.state.breaker import FORGET_S, Health, Terms, after_failure, after_probe, is_forgotten, is_given_up, room

TERMS = Terms(failures=3, interval_s=10, recovery_s=30)


def failing(times: int, at_ms: int = 0) -> Health:
    health: Health | None = None
    for _ in range(times):
        health = after_failure(health, "no such file", at_ms, TERMS)
    assert health is not None
    return health


def test_a_target_of_which_nothing_is_known_has_no_limit_from_here() -> None:
    assert room(None, 0, 0, TERMS) is None
    assert room(failing(2), 0, 0, TERMS) is None


def test_enough_failures_in_a_row_let_its_tests_wait() -> None:
    assert room(failing(3), 0, 9_999, TERMS) == 0


def test_one_test_at_a_time_is_let_through_as_a_probe() -> None:
    health = failing(3)
    assert room(health, 0, 10_000, TERMS) == 1
    assert room(health, 1, 10_000, TERMS) == 0
    assert room(after_probe(health, 10_000), 0, 19_999, TERMS) == 0
    assert room(after_probe(health, 10_000), 0, 20_000, TERMS) == 1


def test_a_failure_puts_the_next_probe_off() -> None:
    health = after_failure(after_probe(failing(3), 10_000), "again", 12_000, TERMS)
    assert room(health, 0, 21_999, TERMS) == 0
    assert room(health, 0, 22_000, TERMS) == 1
    assert (health.failures, health.opened_ms, health.evidence) == (4, 0, "again")


def test_it_is_given_up_only_by_a_failure_after_its_time() -> None:
    health = failing(3)
    assert not is_given_up(health, 0, TERMS)
    assert not is_given_up(after_failure(health, "x", 29_999, TERMS), 0, TERMS)
    assert is_given_up(after_failure(health, "x", 30_000, TERMS), 0, TERMS)
    assert not is_given_up(failing(2, 99_000), 0, TERMS)


def test_a_run_that_began_later_is_given_the_same_time_of_its_own() -> None:
    health = after_failure(failing(3), "x", 90_000, TERMS)
    assert not is_given_up(health, 89_000, TERMS)
    assert is_given_up(after_failure(health, "x", 119_000, TERMS), 89_000, TERMS)


def test_what_failed_long_ago_is_forgotten() -> None:
    assert not is_forgotten(failing(3), int(1000 * FORGET_S) - 1, TERMS)
    assert is_forgotten(failing(3), int(1000 * FORGET_S), TERMS)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_whatever_fails_when_there_is_a_time_at_which_a_probe_is_let_through(moments: list[int]) -> None:
    health: Health | None = None
    for moment in sorted(moments):
        health = after_failure(health, "x", moment, TERMS)
    assert room(health, 0, 10**6 + 10_000, TERMS) in (None, 1)
