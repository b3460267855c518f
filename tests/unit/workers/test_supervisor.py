"""How long the place of a worker stays empty after its process ended."""

import pytest

from workers.departure import EXIT_SICK
from workers.supervisor import STEADY_S, Seat

LONG_S = STEADY_S + 1


@pytest.mark.parametrize(("code", "lived_s"), [(0, 1.0), (0, LONG_S), (1, LONG_S), (-9, LONG_S)])
def test_a_worker_that_was_replaced_or_lived_long_is_followed_at_once(code: int, lived_s: float) -> None:
    seat = Seat("w-1", failures=3, started_at=100.0)

    seat.vacate(code, 100.0 + lived_s)

    assert (seat.failures, seat.start_at) == (0, 100.0 + lived_s)


@pytest.mark.parametrize(("code", "lived_s"), [(1, 1.0), (EXIT_SICK, 1.0), (EXIT_SICK, LONG_S)])
def test_a_worker_that_failed_early_or_was_sick_is_followed_later(code: int, lived_s: float) -> None:
    seat = Seat("w-1", failures=3, started_at=100.0)

    seat.vacate(code, 100.0 + lived_s)

    assert seat.failures == 4 and seat.start_at > 100.0 + lived_s
