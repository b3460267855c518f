"""What becomes of a unit whose lease ended without a record."""

from hypothesis import given
from hypothesis import strategies as st

from scheduler.state.groups import give_up_unit, restart_unit, retry_unit
from scheduler.state.machine import MAX_LOSSES, Status, TestState

WAITS = TestState.RETRY_WAIT
BLOCKED, READY, PUBLISHED, STARTED, FINAL, CANCELLED = (
    TestState.BLOCKED,
    TestState.READY,
    TestState.PUBLISHED,
    TestState.STARTED,
    TestState.FINAL,
    TestState.CANCELLED,
)


def test_a_lost_test_is_ready_again_and_the_loss_is_counted() -> None:
    restart = restart_unit({7: Status(STARTED, lease=1)}, 7, 0, counted=True)
    assert restart.statuses == {7: Status(READY, lease=1, losses=1)}
    assert (restart.superseded, restart.given_up) == (frozenset(), frozenset())


def test_a_test_whose_message_is_gone_is_ready_again_without_counting() -> None:
    assert restart_unit({7: Status(PUBLISHED, lease=1)}, 7, 0, counted=False).statuses == {7: Status(READY, lease=1)}


def test_a_group_starts_again_at_its_head_and_supersedes_what_it_recorded() -> None:
    members = {
        0: Status(FINAL, lease=1),
        1: Status(FINAL, lease=1),
        2: Status(STARTED, lease=1),
        3: Status(PUBLISHED, lease=1),
    }
    restart = restart_unit(members, 0, 0, counted=True)
    assert restart.statuses == {
        0: Status(READY, lease=1, losses=1),
        1: Status(BLOCKED, lease=1),
        2: Status(BLOCKED, lease=1),
        3: Status(BLOCKED, lease=1),
    }
    assert restart.superseded == {0, 1}


def test_members_that_were_skipped_or_cancelled_are_left_alone() -> None:
    members = {0: Status(STARTED, lease=1), 1: Status(FINAL, lease=0), 2: Status(CANCELLED, lease=1)}
    assert restart_unit(members, 0, 0, counted=True).statuses.keys() == {0}


def test_a_group_lost_for_the_third_time_keeps_its_records_and_gives_up_the_rest() -> None:
    members = {0: Status(FINAL, lease=3, losses=2), 1: Status(STARTED, lease=3), 2: Status(PUBLISHED, lease=3)}
    restart = restart_unit(members, 0, 0, counted=True)
    assert restart.given_up == {1, 2}
    assert restart.superseded == frozenset()
    assert {number: status.state for number, status in restart.statuses.items()} == {1: FINAL, 2: FINAL}


def test_a_test_that_is_retried_waits_and_keeps_its_record() -> None:
    retried = retry_unit({7: Status(STARTED, lease=1)}, 7, [7], 500, 0)
    assert retried.statuses == {7: Status(WAITS, lease=1, not_before_ms=500)}
    assert (retried.superseded, retried.given_up) == (frozenset(), frozenset())


def test_a_group_of_which_a_member_is_retried_waits_at_its_head_and_supersedes_all_but_that_record() -> None:
    members = {0: Status(FINAL, lease=1), 1: Status(STARTED, lease=1), 2: Status(PUBLISHED, lease=1)}
    retried = retry_unit(members, 0, [1], 500, 0)
    assert retried.statuses == {
        0: Status(WAITS, lease=1, not_before_ms=500),
        1: Status(BLOCKED, lease=1),
        2: Status(BLOCKED, lease=1),
    }
    assert retried.superseded == {0}


def test_a_head_that_is_retried_starts_its_group_again() -> None:
    members = {0: Status(STARTED, lease=2), 1: Status(FINAL, lease=2), 2: Status(FINAL, lease=0)}
    retried = retry_unit(members, 0, [0], 500, 0)
    assert retried.statuses == {0: Status(WAITS, lease=2, not_before_ms=500), 1: Status(BLOCKED, lease=2)}
    assert retried.superseded == {1}


def test_a_unit_that_is_given_up_keeps_what_is_final() -> None:
    given_up = give_up_unit({0: Status(FINAL, lease=1), 1: Status(STARTED, lease=1)}, 0)
    assert (given_up.given_up, given_up.statuses[1].state) == ({1}, FINAL)


@given(st.lists(st.sampled_from([FINAL, STARTED, PUBLISHED]), min_size=1, max_size=6), st.integers(0, 2), st.booleans())
def test_a_restarted_unit_has_one_ready_head_and_nothing_in_flight(
    states: list[TestState], losses: int, counted: bool
) -> None:
    members = {n: Status(state, lease=1, losses=losses if n == 0 else 0) for n, state in enumerate(states)}
    restart = restart_unit(members, 0, 0, counted=counted)
    after = {**members, **restart.statuses}
    if restart.given_up or (counted and losses + 1 >= MAX_LOSSES):
        assert all(status.state is FINAL for status in after.values())
    else:
        assert [n for n, status in after.items() if status.state is READY] == [0]
        assert all(status.state is BLOCKED for n, status in after.items() if n)
        assert restart.superseded == {n for n, status in members.items() if status.state is FINAL}
