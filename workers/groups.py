"""The groups that this worker holds: which member is next, and which have passed. Pure bookkeeping, no I/O.

A group comes with its head, and its members follow through this worker's own queue, one after another. It is pinned
here until its last member is recorded, its lease is lost, or the worker ends.
"""

import secrets
import time
from dataclasses import dataclass, field

from harness.models.job import PlannedTest, TestMessage
from harness.models.outcomes import AttemptOutcome
from workers.bundles import LoadedPlan
from workers.sessions import PoolKey


@dataclass(eq=False)
class Group:
    """One group under one lease. `token` is the token of all its leases."""

    key: PoolKey
    members: tuple[PlannedTest, ...]
    message: TestMessage
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    position: int = 0
    running: bool = False
    waiting_since: float = field(default_factory=time.monotonic)
    passed: set[int] = field(default_factory=set)

    @property
    def next(self) -> PlannedTest | None:
        """The member that is running or comes next; None when all are recorded."""
        return self.members[self.position] if self.position < len(self.members) else None

    @property
    def following(self) -> PlannedTest | None:
        """The member after that one."""
        return self.members[self.position + 1] if self.position + 1 < len(self.members) else None

    def waits_for(self, number: int) -> bool:
        """True while the message of that member is on its way here."""
        return not self.running and self.next is not None and self.next.number == number

    def has_waited_s(self) -> float:
        """For how many seconds the message of the next member has been on its way; 0 while a member runs."""
        return 0.0 if self.running else time.monotonic() - self.waiting_since

    def missing_dependency(self, test: PlannedTest) -> int | None:
        """The number of the first dependency of `test` that did not pass; one that was skipped did not.

        A clean-up always runs.
        """
        return None if test.always else min(set(test.depends_on) - self.passed, default=None)

    def message_for(self, test: PlannedTest) -> TestMessage:
        """The message that brings `test` here."""
        return self.message.model_copy(update={"number": test.number, "test_id": test.test_id})

    def miss(self) -> None:
        """The member at hand was cut short before it began, and its message is gone."""
        self.running = False
        self.waiting_since = time.monotonic()

    def advance(self, outcome: AttemptOutcome | None) -> None:
        """The member at hand is recorded with `outcome`."""
        self.running = False
        self.waiting_since = time.monotonic()
        if outcome is AttemptOutcome.PASSED:
            self.passed.add(self.members[self.position].number)
        self.position += 1


class Groups:
    """All groups held here."""

    def __init__(self) -> None:
        self._held: dict[PoolKey, Group] = {}

    def enter(self, message: TestMessage, test: PlannedTest, loaded: LoadedPlan) -> Group | None:
        """The group of `test`, if this message may run it here and now.

        A head brings its group with it. None: a member whose group is not pinned here, or that is not its turn; a
        message that came twice looks like that, too.
        """
        key = PoolKey(message.run_id, message.plan, test.group or "", message.lease)
        group = self._held.get(key)
        if group is None:
            members = loaded.group(key.group)
            if not members or test.number != members[0].number:
                return None
            group = self._held[key] = Group(key, members, message)
        if not group.waits_for(test.number):
            return None
        group.running = True
        return group

    def drop(self, group: Group) -> None:
        """It is over here."""
        self._held.pop(group.key, None)

    def holds(self, group: Group) -> bool:
        """Whether it is not over."""
        return self._held.get(group.key) is group

    def all(self) -> list[Group]:
        """Those that are not over."""
        return list(self._held.values())
