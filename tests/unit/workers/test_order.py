"""In which order a worker looks at its queues."""

from workers.order import CYCLE, HomeFirst

QUEUES = ["own", "interactive", "home-1", "home-2", "far-1", "far-2", "far-3"]
FIRST = QUEUES[:2]


def _order() -> HomeFirst:
    order = HomeFirst()
    order.update(QUEUES)
    return order


def test_the_own_queue_comes_first_then_interactive_runs_then_home_then_the_others() -> None:
    assert _order().consume(7) == QUEUES


def test_home_shards_take_turns_and_never_fall_behind_the_others() -> None:
    order = _order()

    order.rotate("home-1")

    assert order.consume(7) == [*FIRST, "home-2", "home-1", "far-1", "far-2", "far-3"]


def test_shards_that_were_stolen_from_take_turns_among_themselves() -> None:
    order = _order()

    order.rotate("far-1")
    order.rotate("own")

    assert order.consume(7) == [*FIRST, "home-1", "home-2", "far-2", "far-3", "far-1"]


def test_one_look_in_four_begins_with_the_foreign_shards_and_another_leaves_interactive_runs_to_the_end() -> None:
    order = _order()

    looks = [order.consume(7) for _ in range(2 * CYCLE)]

    usual = [*FIRST, "home-1", "home-2", "far-1", "far-2", "far-3"]
    foreign = [*FIRST, "far-1", "far-2", "far-3", "home-1", "home-2"]
    last = ["own", "home-1", "home-2", "far-1", "far-2", "far-3", "interactive"]
    assert looks == [usual, foreign, usual, last] * 2


def test_kombu_finds_the_class_by_its_name() -> None:
    from kombu.utils.scheduling import cycle_by_name  # noqa: PLC0415 - the only place that needs it

    assert cycle_by_name("workers.order:HomeFirst") is HomeFirst
