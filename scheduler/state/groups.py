"""What happens to a unit (a test alone, or a group that shares one lease) whose lease ended without a record. Pure.

A group keeps its state in one sandbox on one worker. When that is gone, all members start again under the next lease:
what was recorded before is superseded. Members that never had a lease (skipped at submission) are left alone.
"""

from collections.abc import Mapping
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
        return _give_up(members, now_ms)
    taking_part = {number: status for number, status in members.items() if _takes_part(status)}
    statuses = {
        number: advance(status, Event(EventKind.GROUP_RESTARTED), now_ms)
        for number, status in taking_part.items()
        if number != head
    }
    statuses[head] = _head_again(members[head], counted, now_ms)
    superseded = frozenset(number for number, status in taking_part.items() if status.state is TestState.FINAL)
    return Restart(statuses, superseded, frozenset())


def _head_again(status: Status, counted: bool, now_ms: int) -> Status:
    if status.state in IN_FLIGHT:
        kind = EventKind.LOST if counted else EventKind.UNSENT
        return advance(status, Event(kind, status.lease), now_ms)
    blocked = advance(status, Event(EventKind.GROUP_RESTARTED), now_ms)
    ready = advance(blocked, Event(EventKind.DEPENDENCIES_MET), now_ms)
    return replace(ready, losses=status.losses + counted)


def _give_up(members: Mapping[int, Status], now_ms: int) -> Restart:
    ended = {
        number: advance(status, Event(EventKind.GIVEN_UP, status.lease), now_ms)
        for number, status in members.items()
        if status.state in IN_FLIGHT
    }
    return Restart(ended, frozenset(), frozenset(ended))


def _takes_part(status: Status) -> bool:
    return status.state in IN_FLIGHT or (status.state is TestState.FINAL and status.lease > 0)
