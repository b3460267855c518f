"""Which tests Flower hears of."""

from workers.sampling import Sampler


class Clock:
    now = 7.0

    def __call__(self) -> float:
        return self.now


def test_every_test_is_shown_while_there_are_few() -> None:
    clock = Clock()
    sampler = Sampler(clock)

    for _ in range(5):
        assert all(sampler.picks() for _ in range(99))
        clock.now += 1


def test_beyond_a_hundred_in_a_second_one_in_twenty_is_shown() -> None:
    sampler = Sampler(Clock())

    shown = [sampler.picks() for _ in range(1100)]

    assert all(shown[:100]) and sum(shown[100:]) == 50


def test_after_a_busy_second_a_sample_is_shown_until_a_second_is_quiet() -> None:
    clock = Clock()
    sampler = Sampler(clock)
    for _ in range(500):
        sampler.picks()

    clock.now += 1
    assert sum(sampler.picks() for _ in range(80)) == 4
    clock.now += 1
    assert all(sampler.picks() for _ in range(80))


def test_a_pause_makes_a_busy_second_forgotten() -> None:
    clock = Clock()
    sampler = Sampler(clock)
    for _ in range(500):
        sampler.picks()

    clock.now += 3

    assert all(sampler.picks() for _ in range(80))
