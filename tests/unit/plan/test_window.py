"""How much may be in the queues."""

from scheduler.plan.window import Pace, interactive_window, shared_window, window


def test_the_window_is_four_times_the_slots_but_never_tiny() -> None:
    assert [window(Pace(slots)) for slots in (0, 16, 17, 100)] == [64, 64, 68, 400]


def test_a_fast_pool_has_a_second_of_work_before_it() -> None:
    assert window(Pace(16, per_s=999.5)) == 1000


def test_projects_that_share_a_pool_have_little_waiting() -> None:
    assert [shared_window(Pace(16)), shared_window(Pace(16, per_s=100))] == [20, 36]


def test_interactive_runs_are_published_beyond_a_full_window() -> None:
    assert [interactive_window(Pace(slots)) for slots in (0, 1, 16)] == [0, 2, 32]
