"""What happens to a unit (a test alone, or a group that shares one lease) that has to start again. Pure.

A group keeps its state in one sandbox on one worker. When that is gone, or a member is to be retried, all members
start again under the next lease: what was recorded before is superseded. Members that never had a lease (skipped at
submission) are left alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from scheduler.state.machine import (
    IN_FLIGHT,
    MAX_LOSSES,
    Event,
    EventKind,
    Status,
    TestState,
    advance,
)


@dataclass(frozen=True)
class Restart:
    """What becomes of a unit. `superseded` lost their records, `given_up` end without one."""

    statuses: dict[int, Status]
    superseded: frozenset[int]
    given_up: frozenset[int]


def restart_unit(members: Mapping[int, Status], head: int, now_ms: int, *, counted: bool) -> Restart:
    """The unit after its lease ended. `counted`: a worker had it, so that the third time is the last.

    Tests are named by number. A unit that is given up keeps what it recorded; its open members end.
    """
    losses = members[head].losses + counted
    if counted and losses >= MAX_LOSSES:
        return give_up_unit(members, now_ms)
    return _restart(members, {head: _head_again(members[head], counted, now_ms)}, frozenset(), now_ms)


def retry_unit(
    members: Mapping[int, Status], head: int, failed: Collection[int], not_before_ms: int, now_ms: int
) -> Restart:
    """The unit when `failed`, whose records were accepted just now, are to be run again.

    They keep those records: a test that passes after one of them is flaky.
    """
    recorded = {
        number: advance(members[number], Event(EventKind.RECORDED, members[number].lease), now_ms) for number in failed
    }
    after = {**members, **recorded}
    kind = EventKind.RETRY if len(members) == 1 else EventKind.GROUP_RETRIED
    waiting = advance(after[head], Event(kind, not_before_ms=not_before_ms), now_ms)
    return _restart(after, {head: waiting}, frozenset(failed), now_ms)


def give_up_unit(members: Mapping[int, Status], now_ms: int) -> Restart:
    """The unit when it is not tried again: what is in flight ends."""
    ended = {
        number: advance(status, Event(EventKind.GIVEN_UP, status.lease), now_ms)
        for number, status in members.items()
        if status.state in IN_FLIGHT
    }
    return Restart(ended, frozenset(), frozenset(ended))


def _restart(members: Mapping[int, Status], head: Mapping[int, Status], kept: Collection[int], now_ms: int) -> Restart:
    """All members but the head blocked again; records of those that were final count no more, but for `kept`."""
    taking_part = {number: status for number, status in members.items() if _takes_part(status)}
    blocked = {
        number: advance(status, Event(EventKind.GROUP_RESTARTED), now_ms)
        for number, status in taking_part.items()
        if number not in head
    }
    superseded = frozenset(number for number, status in taking_part.items() if status.state is TestState.FINAL)
    return Restart({**blocked, **head}, superseded - frozenset(kept), frozenset())


def _head_again(status: Status, counted: bool, now_ms: int) -> Status:
    if status.state in IN_FLIGHT:
        kind = EventKind.LOST if counted else EventKind.UNSENT
        return advance(status, Event(kind, status.lease), now_ms)
    blocked = advance(status, Event(EventKind.GROUP_RESTARTED), now_ms)
    ready = advance(blocked, Event(EventKind.DEPENDENCIES_MET), now_ms)
    return replace(ready, losses=status.losses + counted)


def _takes_part(status: Status) -> bool:
    in_lease = (*IN_FLIGHT, TestState.RECORDED)
    return status.state in in_lease or (status.state is TestState.FINAL and status.lease > 0)
