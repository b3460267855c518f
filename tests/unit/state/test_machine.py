"""The state machine: what may happen to a test, and what may not."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.state.machine import (
    CLOSED,
    FENCED,
    MAX_LOSSES,
    TABLE,
    Event,
    EventKind,
    IllegalStep,
    Status,
    TestState,
    advance,
    allows,
    conclude,
    step,
)

PAGE = Path(__file__).parents[3] / "docs" / "states.md"
ROW = re.compile(
    r"^\| (?P<event>[^|]+) \| (?P<sources>[^|]+) \| (?P<target>[^|]+) \| (?P<fenced>yes)? ?\|$", re.MULTILINE
)
events = st.builds(
    Event, st.sampled_from(EventKind), lease=st.integers(0, 4), not_before_ms=st.none() | st.integers(0, 100)
)


def test_the_page_shows_the_same_table_as_the_code() -> None:
    shown = {
        row["event"]: (set(row["sources"].split(", ")), row["target"], row["fenced"] == "yes")
        for row in ROW.finditer(PAGE.read_text())
    }
    coded = {
        kind.value: ({state.value for state in sources}, target.value, kind in FENCED)
        for kind, (sources, target) in TABLE.items()
    }
    assert shown == coded


def test_every_event_has_a_row() -> None:
    assert TABLE.keys() == set(EventKind)


def test_a_test_that_passes_goes_the_whole_way() -> None:
    status = advance(Status(), Event(EventKind.PLANNED), 0)
    status = advance(status, Event(EventKind.PUBLISHED), 0)
    status = advance(status, Event(EventKind.TAKEN, lease=1), 0)
    assert conclude(status, 1, 0) == Status(TestState.FINAL, lease=1)


def test_publishing_raises_the_lease_and_fences_off_records_under_the_old_one() -> None:
    again = advance(Status(TestState.READY, lease=1, losses=1), Event(EventKind.PUBLISHED), 0)
    assert again == Status(TestState.PUBLISHED, lease=2, losses=1)
    with pytest.raises(IllegalStep):
        conclude(again, 1, 0)
    assert conclude(again, 2, 0).state is TestState.FINAL


def test_a_record_is_accepted_once() -> None:
    final = conclude(Status(TestState.STARTED, lease=1), 1, 0)
    with pytest.raises(IllegalStep):
        conclude(final, 1, 0)


def test_the_third_loss_is_the_last() -> None:
    status = Status(TestState.READY)
    for losses in range(1, MAX_LOSSES):
        status = advance(status, Event(EventKind.PUBLISHED), 0)
        status = advance(status, Event(EventKind.LOST, status.lease), 0)
        assert status == Status(TestState.READY, lease=losses, losses=losses)
    status = advance(status, Event(EventKind.PUBLISHED), 0)
    assert advance(status, Event(EventKind.LOST, status.lease), 0).state is TestState.FINAL


def test_a_message_that_is_gone_does_not_count_as_a_loss() -> None:
    published = Status(TestState.PUBLISHED, lease=1, losses=2)
    assert advance(published, Event(EventKind.UNSENT, 1), 0) == Status(TestState.READY, lease=1, losses=2)


def test_a_retry_is_not_due_before_its_time() -> None:
    recorded = Status(TestState.RECORDED, lease=1)
    waiting = advance(recorded, Event(EventKind.RETRY, not_before_ms=1000), 0)
    assert waiting == Status(TestState.RETRY_WAIT, lease=1, not_before_ms=1000)
    assert not allows(waiting, Event(EventKind.DUE), 999)
    assert advance(waiting, Event(EventKind.DUE), 1000) == Status(TestState.READY, lease=1)


def test_the_guard_of_a_statement_is_the_row_of_the_table() -> None:
    assert step(EventKind.PUBLISHED).sources == ("ready", "blocked")
    assert step(EventKind.PUBLISHED).target == "published"


@given(st.lists(events, max_size=40), st.integers(0, 200))
def test_whatever_happens_leases_never_fall_and_losses_stay_bounded(sequence: list[Event], now_ms: int) -> None:
    status = Status()
    for event in sequence:
        if not allows(status, event, now_ms):
            with pytest.raises(IllegalStep):
                advance(status, event, now_ms)
            continue
        after = advance(status, event, now_ms)
        assert after.lease >= status.lease
        assert status.losses <= after.losses <= MAX_LOSSES or status.losses >= MAX_LOSSES
        status = after


@given(events)
def test_a_cancelled_test_never_moves_again(event: Event) -> None:
    assert not allows(Status(TestState.CANCELLED, lease=1), event, 10**6)


@given(events)
def test_a_final_test_is_opened_again_by_its_group_only(event: Event) -> None:
    assert allows(Status(TestState.FINAL, lease=1), event, 10**6) == (
        event.kind in (EventKind.GROUP_RESTARTED, EventKind.GROUP_RETRIED)
    )


def test_closed_states_are_those_with_an_outcome() -> None:
    assert set(CLOSED) == {TestState.FINAL, TestState.CANCELLED}
