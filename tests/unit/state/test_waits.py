"""Whether there is a reason for a unit to take its time."""

import pytest

from scheduler.state.waits import Finding, Sighting, Wait, examine

HELD = Sighting(0, lease=1, seen_lease=1, worker="w1", beat_ms=90_000)


def look(*members: Sighting, message: Wait = Wait.UNEXPLAINED, dead: tuple[str, ...] = ()) -> Finding:
    return examine(members, message=message, now_ms=100_000, silent_ms=20_000, dead_workers=dead)


def test_a_unit_whose_holder_was_heard_of_is_running() -> None:
    assert look(HELD) == Finding(Wait.RUNNING, HELD)


@pytest.mark.parametrize(("beat_ms", "wait"), [(80_000, Wait.RUNNING), (79_999, Wait.SILENT)])
def test_a_holder_is_silent_after_twenty_seconds(beat_ms: int, wait: Wait) -> None:
    holder = Sighting(0, lease=1, seen_lease=1, worker="w1", beat_ms=beat_ms)
    assert look(holder) == Finding(wait, holder)


def test_a_lease_of_a_worker_known_to_be_dead_is_lost_at_once() -> None:
    assert look(HELD, dead=("w1",)).wait is Wait.SILENT
    assert look(HELD, dead=("w2",)).wait is Wait.RUNNING


def test_a_lease_that_waits_with_its_message_is_queued() -> None:
    queued = Sighting(0, lease=1, seen_lease=1)
    assert look(queued, message=Wait.QUEUED).wait is Wait.QUEUED
    assert look(queued).wait is Wait.UNEXPLAINED


@pytest.mark.parametrize("seen", [None, 2])
def test_a_lease_that_is_missing_or_another_one_is_unexplained(seen: int | None) -> None:
    assert look(Sighting(0, lease=1, seen_lease=seen, worker="w1", beat_ms=99_000)).wait is Wait.UNEXPLAINED


def test_members_of_a_group_wait_for_the_one_that_runs() -> None:
    assert look(Sighting(0, lease=1), HELD, Sighting(2, lease=1, seen_lease=1)) == Finding(Wait.RUNNING, HELD)


def test_a_holder_seen_halfway_through_a_step_is_looked_at_again() -> None:
    halfway = Sighting(0, lease=1, seen_lease=1, worker="w1")
    assert look(halfway) == Finding(Wait.UNEXPLAINED, halfway)
