"""Which tests Flower hears of."""

from workers.sampling import Sampler


def test_every_test_is_shown_while_there_are_few() -> None:
    now = 0.0
    sampler = Sampler(lambda: now)

    for _ in range(5):
        assert all(sampler.picks() for _ in range(100))
        now += 1


def test_beyond_a_hundred_in_a_second_one_in_twenty_is_shown() -> None:
    sampler = Sampler(lambda: 7.0)

    shown = [sampler.picks() for _ in range(1100)]

    assert all(shown[:100]) and sum(shown[100:]) == 50
