"""How long a worker that keeps dying has to wait."""

from workers.supervisor import LAST_BACKOFF_S, backoff_s


def test_the_first_restart_is_at_once_and_the_waits_double_up_to_a_limit() -> None:
    assert [backoff_s(failures) for failures in range(5)] == [0, 0.5, 1, 2, 4]
    assert backoff_s(1000) == backoff_s(5000) == LAST_BACKOFF_S
