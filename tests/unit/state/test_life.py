"""Whatever happens to the units of a run, in whatever order, no test is lost, counted twice or left for ever."""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from scheduler.state.groups import Restart, restart_unit, retry_unit
from scheduler.state.machine import (
    CLOSED,
    IN_FLIGHT,
    MAX_LOSSES,
    Event,
    EventKind,
    Status,
    TestState,
    advance,
    allows,
    conclude,
)

MAX_RETRIES = 2
GROUP_OF = {0: 0, 1: 1, 2: 2, 3: 2, 4: 2}  # two tests alone, one group of three
numbers = st.sampled_from(sorted(GROUP_OF))
heads = st.sampled_from(sorted(set(GROUP_OF.values())))


@dataclass
class Told:
    """What became of one test: leases whose records count, and how often it was retried."""

    accepted: list[int] = field(default_factory=list)
    retries: int = 0


class Run(RuleBasedStateMachine):
    """A run of five tests as control sees it: statuses move by the machine alone."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 0
        self.cancelled = False
        self.told = {number: Told() for number in GROUP_OF}
        self.status: dict[int, Status] = {}
        for number, head in GROUP_OF.items():
            kind = EventKind.PLANNED if number == head else EventKind.PLANNED_BEHIND
            self.status[number] = advance(Status(), Event(kind), 0)

    @rule(head=heads)
    def publish(self, head: int) -> None:
        if self.cancelled or self.status[head].state != TestState.READY:
            return
        for number in self.unit(head):
            if allows(self.status[number], Event(EventKind.PUBLISHED), self.now_ms):
                self.step(number, Event(EventKind.PUBLISHED))

    @rule(number=numbers, lease=st.integers(1, 12))
    def take(self, number: int, lease: int) -> None:
        if allows(self.status[number], Event(EventKind.TAKEN, lease), self.now_ms):
            self.step(number, Event(EventKind.TAKEN, lease))

    @rule(number=numbers, behind=st.integers(0, 2), passed=st.booleans())
    def record(self, number: int, behind: int, passed: bool) -> None:
        """A record under the current lease, or under one that is over."""
        lease = self.status[number].lease - behind
        if not allows(self.status[number], Event(EventKind.RECORDED, lease), self.now_ms):
            return
        assert lease not in self.told[number].accepted
        self.told[number].accepted.append(lease)
        if passed or self.told[number].retries == MAX_RETRIES or self.cancelled:
            self.status[number] = conclude(self.status[number], lease, self.now_ms)
            return
        self.told[number].retries += 1
        head = GROUP_OF[number]
        self.apply(head, retry_unit(self.unit(head), head, [number], self.now_ms + 10, self.now_ms))

    @rule(head=heads, counted=st.booleans())
    def lose(self, head: int, counted: bool) -> None:
        members = self.unit(head)
        if not any(status.state in IN_FLIGHT for status in members.values()):
            return
        if self.cancelled:
            self.end_by_force(head)
        else:
            self.apply(head, restart_unit(members, head, self.now_ms, counted=counted))

    @rule(later_ms=st.integers(0, 30))
    def time_passes(self, later_ms: int) -> None:
        self.now_ms += later_ms
        for number, status in self.status.items():
            if allows(status, Event(EventKind.DUE), self.now_ms):
                self.step(number, Event(EventKind.DUE))

    @precondition(lambda self: not self.cancelled)
    @rule(sure=st.integers(0, 5))
    def cancel(self, sure: int) -> None:
        if sure:
            return
        self.cancelled = True
        for number, status in self.status.items():
            waits = status.state is not TestState.PUBLISHED
            if waits and allows(status, Event(EventKind.STOPPED), self.now_ms):
                self.step(number, Event(EventKind.STOPPED))

    @invariant()
    def a_unit_is_held_by_one_lease(self) -> None:
        for head in set(GROUP_OF.values()):
            flying = {status.lease for status in self.unit(head).values() if status.state in IN_FLIGHT}
            assert len(flying) <= 1

    @invariant()
    def only_heads_wait_for_a_message(self) -> None:
        for number, status in self.status.items():
            if status.state in (TestState.READY, TestState.RETRY_WAIT):
                assert number == GROUP_OF[number]

    @invariant()
    def losses_are_bounded(self) -> None:
        assert all(status.losses <= MAX_LOSSES for status in self.status.values())

    def teardown(self) -> None:
        """Left to itself, with workers that work, the run ends: every test closed, each final one recorded."""
        for _ in range(60):
            self.time_passes(20)
            for head in sorted(set(GROUP_OF.values())):
                self.publish(head)
                if self.cancelled:
                    self.end_by_force(head)
            for number in sorted(GROUP_OF):
                self.record(number, 0, True)
        assert all(status.state in CLOSED for status in self.status.values()), self.status
        for number, status in self.status.items():
            if status.state is TestState.FINAL and status.losses < MAX_LOSSES and self.losses(number) < MAX_LOSSES:
                assert self.told[number].accepted

    def losses(self, number: int) -> int:
        """Of the test's unit."""
        return self.status[GROUP_OF[number]].losses

    def unit(self, head: int) -> dict[int, Status]:
        return {number: self.status[number] for number in GROUP_OF if GROUP_OF[number] == head}

    def apply(self, head: int, restart: Restart) -> None:
        for number in restart.superseded:
            assert self.told[number].accepted
        assert restart.statuses.keys() <= self.unit(head).keys()
        self.status.update(restart.statuses)

    def end_by_force(self, head: int) -> None:
        for number, status in self.unit(head).items():
            if allows(status, Event(EventKind.ENDED), self.now_ms):
                self.step(number, Event(EventKind.ENDED))

    def step(self, number: int, event: Event) -> None:
        self.status[number] = advance(self.status[number], event, self.now_ms)


TestLife = Run.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
