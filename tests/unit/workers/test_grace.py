"""How long running tests may go on after a signal."""

from workers.grace import Grace


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_grace_counts_from_the_signal() -> None:
    clock = Clock()
    grace = Grace(60, clock)

    grace.told_to_stop(how="Warm", sig="SIGTERM")
    clock.now += 59
    assert not grace.is_over()
    clock.now += 1
    assert grace.is_over()


def test_without_a_signal_it_counts_from_the_first_look() -> None:
    clock = Clock()
    grace = Grace(60, clock)

    assert not grace.is_over()
    clock.now += 60
    assert grace.is_over()


def test_a_second_signal_ends_it_and_a_cold_one_is_not_its_business() -> None:
    clock = Clock()
    grace = Grace(60, clock)

    grace.told_to_stop(how="Warm")
    grace.told_to_stop(how="Cold")
    assert not grace.is_over()
    grace.told_to_stop(how="Warm")
    assert grace.is_over()
