"""When a worker takes itself for sick: errors in a row, over several targets, with a dead canary."""

from workers.sickness import SICK_ERRORS, TRUSTED_S, Sickness


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_errors_in_a_row_over_two_targets_with_a_dead_canary_are_a_sickness() -> None:
    sickness = Sickness(Clock())

    for number in range(SICK_ERRORS):
        assert not sickness.is_sick
        sickness.canary_died(f"target-{number % 2}")

    assert sickness.is_sick


def test_one_target_alone_is_no_sickness() -> None:
    sickness = Sickness(Clock())

    for _ in range(10 * SICK_ERRORS):
        sickness.canary_died("target")

    assert not sickness.is_sick


def test_a_server_that_answered_ends_the_row() -> None:
    sickness = Sickness(Clock())
    for number in range(SICK_ERRORS - 1):
        sickness.canary_died(f"target-{number}")

    sickness.server_explained()
    sickness.canary_died("target-9")

    assert not sickness.is_sick


def test_a_canary_that_sang_ends_the_row_and_is_trusted_for_a_while() -> None:
    clock = Clock()
    sickness = Sickness(clock)
    assert sickness.needs_canary
    for number in range(SICK_ERRORS - 1):
        sickness.canary_died(f"target-{number}")

    sickness.canary_sang()

    clock.now = TRUSTED_S - 0.1
    assert not sickness.needs_canary
    clock.now = TRUSTED_S
    assert sickness.needs_canary
    sickness.canary_died("target-9")
    assert not sickness.is_sick
