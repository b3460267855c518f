"""When a worker counts as stalled: tests wait, slots are free, and nothing is taken for a minute."""

from workers.health import STALLED_S, Consumption


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_worker_without_work_is_well() -> None:
    clock = Clock()
    consumption = Consumption(("q",), 4, clock)

    consumption.note(0)
    clock.now = 10 * STALLED_S

    assert not consumption.is_stalled()


def test_a_worker_that_leaves_tests_lying_is_stalled_after_a_minute() -> None:
    clock = Clock()
    consumption = Consumption(("q",), 4, clock)

    consumption.note(3)
    clock.now = STALLED_S - 1
    assert not consumption.is_stalled()
    clock.now = STALLED_S + 1

    assert consumption.is_stalled()


def test_taking_a_message_begins_the_minute_again() -> None:
    clock = Clock()
    consumption = Consumption(("q",), 4, clock)
    consumption.note(3)
    clock.now = STALLED_S

    consumption.began()
    clock.now = STALLED_S + 30

    assert not consumption.is_stalled()


def test_a_full_worker_may_leave_tests_lying() -> None:
    clock = Clock()
    consumption = Consumption(("q",), 1, clock)
    consumption.began()

    consumption.note(3)
    clock.now = 10 * STALLED_S
    assert not consumption.is_stalled()

    consumption.ended()
    consumption.note(3)
    assert not consumption.is_stalled()
    clock.now += STALLED_S + 1
    assert consumption.is_stalled()


def test_a_worker_that_ends_takes_nothing_on_purpose() -> None:
    clock = Clock()
    consumption = Consumption(("q",), 4, clock)
    consumption.note(3)
    consumption.close()
    clock.now = 10 * STALLED_S

    assert not consumption.is_stalled()
