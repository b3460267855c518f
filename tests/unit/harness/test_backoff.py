"""How long a process that keeps dying has to wait."""

from harness.backoff import backoff_s


def test_the_waits_double_from_the_first_up_to_a_limit() -> None:
    assert [backoff_s(failures, 0.5, 5) for failures in range(7)] == [0, 0.5, 1, 2, 4, 5, 5]


def test_a_negative_count_is_none() -> None:
    assert backoff_s(-1, 0.5, 5) == 0


def test_no_count_is_too_high() -> None:
    assert backoff_s(10**6, 0.1, 30) == backoff_s(10**400, 0.1, 30) == 30
