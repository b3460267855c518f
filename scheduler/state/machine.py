"""The states of a test and the one function that says what may happen next. Pure; docs/states.md shows the table.

Whoever changes a test's state asks here first: `advance` for one test whose row it holds, `step` for the guard of an
SQL statement that moves many at once. Nothing else may write the column `state`.
"""

from dataclasses import dataclass
from enum import StrEnum

MAX_LOSSES = 3
"""A unit (a test, or a group) that was lost this often is not tried again."""


MAX_UNCOUNTED_LEASES = 20
"""From this lease on, one that ends without being anybody's fault counts as a loss: nothing goes on for ever."""


class TestState(StrEnum):
    """Where a test stands."""

    __test__ = False

    NEW = "new"  # planned, not stored yet
    BLOCKED = "blocked"  # waits for the head of its group
    READY = "ready"
    PUBLISHED = "published"  # has a lease and, directly or through its group's head, a message
    STARTED = "started"  # a worker took the lease
    RECORDED = "recorded"  # a record was accepted; only within a transaction
    RETRY_WAIT = "retry_wait"  # to be tried again, not before a given time
    FINAL = "final"
    CANCELLED = "cancelled"  # ended without being recorded


class EventKind(StrEnum):
    """What happens to a test."""

    PLANNED = "planned"
    PLANNED_BEHIND = "planned behind its group's head"
    SKIPPED = "skipped at submission"
    DEPENDENCIES_MET = "dependencies met"
    PUBLISHED = "published"
    TAKEN = "taken"
    RECORDED = "recorded"
    FINISHED = "finished"
    RETRY = "retry"
    DUE = "due"
    LOST = "lost"
    GIVEN_UP = "given up"
    UNSENT = "message gone"
    GROUP_RESTARTED = "group restarted"
    GROUP_RETRIED = "group retried"
    STOPPED = "stopped"
    ENDED = "ended by force"


_S, _E = TestState, EventKind

TABLE: dict[EventKind, tuple[tuple[TestState, ...], TestState]] = {
    _E.PLANNED: ((_S.NEW,), _S.READY),
    _E.PLANNED_BEHIND: ((_S.NEW,), _S.BLOCKED),
    _E.SKIPPED: ((_S.NEW,), _S.FINAL),
    _E.DEPENDENCIES_MET: ((_S.BLOCKED,), _S.READY),
    _E.PUBLISHED: ((_S.READY, _S.BLOCKED), _S.PUBLISHED),
    _E.TAKEN: ((_S.PUBLISHED,), _S.STARTED),
    _E.RECORDED: ((_S.PUBLISHED, _S.STARTED), _S.RECORDED),
    _E.FINISHED: ((_S.RECORDED,), _S.FINAL),
    _E.RETRY: ((_S.RECORDED,), _S.RETRY_WAIT),
    _E.DUE: ((_S.RETRY_WAIT,), _S.READY),
    _E.LOST: ((_S.PUBLISHED, _S.STARTED), _S.READY),
    _E.GIVEN_UP: ((_S.PUBLISHED, _S.STARTED), _S.FINAL),
    _E.UNSENT: ((_S.PUBLISHED, _S.STARTED), _S.READY),
    _E.GROUP_RESTARTED: ((_S.PUBLISHED, _S.STARTED, _S.RECORDED, _S.FINAL), _S.BLOCKED),
    _E.GROUP_RETRIED: ((_S.PUBLISHED, _S.STARTED, _S.RECORDED, _S.FINAL), _S.RETRY_WAIT),
    _E.STOPPED: ((_S.BLOCKED, _S.READY, _S.RETRY_WAIT, _S.PUBLISHED), _S.CANCELLED),
    _E.ENDED: ((_S.PUBLISHED, _S.STARTED), _S.CANCELLED),
}
"""Each event: the states in which it may happen, and the state that follows."""

FENCED = frozenset({_E.TAKEN, _E.RECORDED, _E.LOST, _E.GIVEN_UP, _E.UNSENT})
"""Events that happen under a lease: refused unless it is the test's current one."""

WAITING = frozenset({_E.RETRY, _E.GROUP_RETRIED})
"""Events after which a test is not published before a given time."""

IN_FLIGHT = (_S.PUBLISHED, _S.STARTED)
CLOSED = (_S.FINAL, _S.CANCELLED)
"""States in which a test has an outcome and the run no longer waits for it."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `lease` is needed by the fenced kinds, `not_before_ms` by those that wait."""

    kind: EventKind
    lease: int = 0
    not_before_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """All that the machine knows of one test. `losses` counts for its unit."""

    state: TestState = TestState.NEW
    lease: int = 0
    losses: int = 0
    not_before_ms: int | None = None


class IllegalStep(ValueError):
    """Raised when an event cannot happen in a state: a stale record, a second take, a fault of ours."""


def advance(status: Status, event: Event, now_ms: int) -> Status:
    """The status after `event`. Raises IllegalStep. Publishing raises the lease; the third loss is the last."""
    if not allows(status, event, now_ms):
        raise IllegalStep(f"'{event.kind}' (lease {event.lease}) cannot happen to {status}")
    kind = event.kind
    if kind is EventKind.LOST and status.losses + 1 >= MAX_LOSSES:
        kind = EventKind.GIVEN_UP
    return Status(
        state=TABLE[kind][1],
        lease=status.lease + (kind is EventKind.PUBLISHED),
        losses=status.losses + (kind in (EventKind.LOST, EventKind.GIVEN_UP)),
        not_before_ms=event.not_before_ms if kind in WAITING else None,
    )


def allows(status: Status, event: Event, now_ms: int) -> bool:
    """Whether `event` may happen now: the right state, the current lease, not too early."""
    if status.state not in TABLE[event.kind][0]:
        return False
    if event.kind in FENCED and event.lease != status.lease:
        return False
    return event.kind is not EventKind.DUE or now_ms >= (status.not_before_ms or 0)


@dataclass(frozen=True, slots=True)
class Step:
    """The guard and the effect of an event, for a statement that moves many tests at once."""

    sources: tuple[str, ...]
    target: str


def step(kind: EventKind) -> Step:
    """States in which `kind` may happen, and the one that follows, as stored."""
    sources, target = TABLE[kind]
    return Step(tuple(state.value for state in sources), target.value)


def conclude(status: Status, lease: int, now_ms: int) -> Status:
    """Recorded and finished in one go: what an accepted record that needs no retry does to a test."""
    recorded = advance(status, Event(EventKind.RECORDED, lease), now_ms)
    return advance(recorded, Event(EventKind.FINISHED), now_ms)
