"""Writes what became of a test, and hands a group on to its next member in the same step.

Every attempt under a lease of ours ends here: recorded, or given back. Redis is reached through the ledger, which
waits while it is away; only then is the test's message acknowledged.
"""

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from harness.draft import Draft
from harness.leasing import Deadline
from harness.log import get_logger
from harness.models.attempt import AttemptRecord
from harness.models.job import PlannedTest, TestMessage
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.record import record_json
from workers.groups import Group, Groups
from workers.jobs import Job
from workers.leases import Held, Lease, NextMember
from workers.ledger import Ledger
from workers.messages import AGGREGATE, control_message_bytes, own_queue, test_message_bytes
from workers.sessions import Sessions
from workers.settings import WorkerSettings
from workers.vitals import HeldLeases

log = get_logger("recording")

GIVE_UP_S = 3.0
STRANDED_S = 15.0
Ending = tuple[AttemptOutcome, CauseKind, str]
RUN_CANCELLED: Ending = (AttemptOutcome.ABORTED, CauseKind.CANCELLED, "the run was cancelled")
SHUT_DOWN = (CauseKind.HANDED_BACK, "its worker was shut down")
MESSAGE_LOST = (CauseKind.INFRASTRUCTURE, "its message was lost")


@dataclass(eq=False)
class Attempt:
    """One test under one lease, while it is here."""

    job: Job
    message: TestMessage
    test: PlannedTest
    lease: Lease
    group: Group | None = None
    deadline: Deadline = field(default_factory=Deadline)
    task: "asyncio.Task[object] | None" = None
    lost: Held | None = None

    @property
    def may_be_repeated(self) -> bool:
        """False once a test that must not be called twice may have been called."""
        return self.test.idempotent or not self.deadline.called

    @property
    def held_before(self) -> bool:
        """True of a later member of a group: its lease came here with the record of the member before."""
        return self.group is not None and self.group.position > 0


class Recorder:
    """Owns the groups held here, because recording a member is what moves a group on."""

    def __init__(self, settings: WorkerSettings, ledger: Ledger, sessions: Sessions, held: HeldLeases) -> None:
        self.groups = Groups()
        self._wakes = settings.wake
        self._worker = settings.worker_name
        self._queue = own_queue(settings.pool, settings.worker_name)
        self._ledger = ledger
        self._sessions = sessions
        self._held = held
        self._closing = False
        self._endings: set[asyncio.Future[None]] = set()

    def lease_for(self, message: TestMessage, group: Group | None) -> Lease:
        """The lease that `message` offers. Members of a group share a token, all others have one of their own."""
        token = group.token if group else secrets.token_hex(8)
        return Lease(message.run_id, message.number, message.lease, self._worker, token)

    def still_holds(self, attempt: Attempt) -> bool:
        """Whether it is a later member of a group that is not over here: nobody but us can end its lease."""
        return attempt.group is not None and attempt.held_before and self.groups.holds(attempt.group)

    async def record(self, attempt: Attempt, record: AttemptRecord) -> None:
        """Record the attempt; returns when it is in Redis. From now on the test cannot be cut short."""
        attempt.job.settling = True
        if attempt.group is None:
            await self._write(attempt.lease, record, None)
        else:
            await self._record_member(attempt.group, attempt.lease, record)
        self._held.remove(attempt.lease)

    async def _record_member(self, group: Group, lease: Lease, record: AttemptRecord) -> None:
        following = self._following(group, record)
        group.advance(record.outcome)  # first: the next message may be here before the answer to this record
        if following is None:
            group.running = True  # until this is written, nobody else decides what becomes of the group
        current = await self._write(lease, record, following)
        if following is None:
            group.running = False
        if current and following:
            self._hold_next(group, following.lease)
        elif current and group.next and self._closing and _goes_on(record):
            await self._lose_next(group)
        else:
            self.drop(group)

    def _hold_next(self, group: Group, lease: Lease) -> None:
        """Keep the lease until its member begins, unless it was quicker than the answer to our record."""
        is_next = group.next is not None and group.next.number == lease.number
        if is_next and self.groups.holds(group) and lease not in self._held.all():
            self._held.add(lease, lambda held: self._lose_group(group, lease, held))

    async def give_back(self, attempt: Attempt) -> None:
        """Let somebody else take the lease; the message returns to its queue."""
        self._held.remove(attempt.lease)
        await self._ledger.release(attempt.lease)

    def drop(self, group: Group) -> None:
        """The group is over here: its session and sandbox go."""
        self.groups.drop(group)
        if group.next:
            self._held.remove(self.lease_for(group.message_for(group.next), group))
        self._sessions.end_group(group.key)

    def miss(self, group: Group) -> None:
        """A member was cut short before it began. A group goes with its head; without a later member it is given up.

        That is at once when the worker ends, and else as stranded.
        """
        if group.position == 0:
            self.drop(group)
            return
        group.miss()
        if self._closing:
            self._soon(self._lose_next(group))

    def _lose_group(self, group: Group, lease: Lease, held: Held) -> None:
        """A heartbeat says that a group whose next member has not begun is no longer ours, or no longer wanted.

        What is not wanted is recorded: control takes no lease away that somebody holds.
        """
        member = group.next
        if held is Held.LOST:
            self._ledger.supersede(lease)
        self.drop(group)
        if held is Held.CANCELLED and member is not None:
            self._soon(self._end(group, member, RUN_CANCELLED))

    def close(self) -> None:
        """The worker ends: no group is handed on from now on."""
        self._closing = True

    async def give_up_groups(self) -> None:
        """Record the next member of each group as handed back, so that the group starts again elsewhere at once.

        A group of which a member runs is given up after that member.
        """
        for group in self.groups.all():
            self._soon(self._lose_next(group))
        if self._endings:
            await asyncio.wait(self._endings, timeout=GIVE_UP_S)

    async def give_up_stranded(self, after_s: float = STRANDED_S) -> None:
        """The same for groups whose next message is lost: it should be here, and waits in no queue either."""
        stranded = [group for group in self.groups.all() if group.has_waited_s() > after_s]
        if not stranded or await self._ledger.queue_length(self._queue):
            return
        for group in stranded:
            log.warning("group.stranded", run_id=group.key.run_id, group=group.key.group)
            await self._lose_next(group)

    async def _lose_next(self, group: Group) -> None:
        if group.next is None or group.running:
            return
        group.running = True  # should the message come now, it comes too late
        cause = SHUT_DOWN if self._closing else MESSAGE_LOST
        await self._end(group, group.next, (AttemptOutcome.LOST, *cause))
        self.drop(group)

    async def _end(self, group: Group, member: PlannedTest, ending: Ending) -> None:
        """Record a member that does not begin, under the lease that came with the record of the one before."""
        message = group.message_for(member)
        draft = Draft(message.run_id, message.lease, self._worker, member)
        draft.conclude(*ending)
        await self._write(self.lease_for(message, group), draft.record(), None)

    def _soon(self, ending: Coroutine[Any, Any, None]) -> None:
        """End a group where nobody can wait for it; `give_up_groups` waits."""
        task = asyncio.ensure_future(ending)
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    def _following(self, group: Group, record: AttemptRecord) -> NextMember | None:
        if group.following is None or self._closing or not _goes_on(record):
            return None
        message = group.message_for(group.following)
        return NextMember(self.lease_for(message, group), self._queue, test_message_bytes(message, self._queue))

    async def _write(self, lease: Lease, record: AttemptRecord, following: NextMember | None) -> bool:
        wake = control_message_bytes(AGGREGATE, [lease.run_id]) if self._wakes else b""
        return await self._ledger.record(lease, record_json(record), wake, following)


def _goes_on(record: AttemptRecord) -> bool:
    """A group whose member was lost starts again at its head, under another lease."""
    return record.outcome is not AttemptOutcome.LOST
