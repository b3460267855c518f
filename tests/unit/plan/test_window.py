"""Whose turn it is."""

from hypothesis import given
from hypothesis import strategies as st

from scheduler.plan.window import Demand, allot, window

demands = st.lists(st.builds(Demand, st.integers(0, 50), st.integers(0, 60)), max_size=12)


def test_the_window_is_four_times_the_slots_but_never_tiny() -> None:
    assert [window(slots) for slots in (0, 16, 17, 100)] == [64, 64, 68, 400]


@given(st.integers(0, 200), demands)
def test_nobody_gets_more_than_its_room_and_nothing_is_left_while_somebody_has_room(
    free: int, wanting: list[Demand]
) -> None:
    given_out = allot(free, wanting)
    assert all(0 <= count <= demand.room for count, demand in zip(given_out, wanting, strict=True))
    assert sum(given_out) == min(free, sum(demand.room for demand in wanting))


@given(st.integers(0, 200), demands)
def test_whoever_got_something_is_not_far_ahead_of_anybody_who_still_wants(free: int, wanting: list[Demand]) -> None:
    given_out = allot(free, wanting)
    after = [demand.in_flight + count for demand, count in zip(wanting, given_out, strict=True)]
    hungry = [total for total, count, demand in zip(after, given_out, wanting, strict=True) if count < demand.room]
    assert all(total <= min(hungry) + 1 for total, count in zip(after, given_out, strict=True) if hungry and count)


def test_a_new_run_gets_its_turn_before_the_old_one_gets_more() -> None:
    assert allot(4, [Demand(30, 64), Demand(0, 64)]) == [0, 4]
    assert allot(5, [Demand(0, 64), Demand(0, 64)]) == [3, 2]
