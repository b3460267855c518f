"""A worker as far as control can see it: takes messages, leases and records through the real scripts, runs nothing."""

import base64
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from harness.models.attempt import AttemptRecord, Cause, Timing
from harness.models.job import SuitePlan, TestMessage
from harness.models.outcomes import AttemptOutcome, CauseKind
from scheduler.control.farm import Farm
from workers.leases import BEATS, Held, Lease, NextMember, cancelled_key, heartbeat, record_command
from workers.messages import (
    AGGREGATE,
    control_message_bytes,
    interactive_queue,
    own_queue,
    shard_queue,
    test_message_bytes,
)

TAKE = files("workers").joinpath("take.lua").read_text()
Verdict = Callable[[TestMessage], AttemptOutcome | None]


def passes(message: TestMessage) -> AttemptOutcome:
    """Everything passes."""
    return AttemptOutcome.PASSED


def fails(*numbers: int) -> Verdict:
    """These tests fail, the others pass."""
    return lambda message: AttemptOutcome.FAILED if message.number in numbers else AttemptOutcome.PASSED


class FakeWorker:
    """One worker process of a farm."""

    def __init__(self, farm: Farm, name: str = "fake-1", slots: int = 16, abilities: str = "") -> None:
        self.farm, self.name, self.slots, self.abilities = farm, name, slots, abilities
        self.token = secrets.token_hex(4)  # one for all: members of a group must share it
        self.held: dict[Lease, TestMessage] = {}
        self.ran: list[int] = []

    def announce(self) -> dict[Lease, Held]:
        """One heartbeat."""
        declaration = {"pool": self.farm.settings.pool, "slots": str(self.slots), "abilities": self.abilities}
        return heartbeat(self.farm.redis, self.name, declaration, list(self.held))

    def pop(self) -> TestMessage | None:
        """The next message, its own queue first."""
        pool = self.farm.settings.pool
        shards = [shard_queue(pool, n) for n in range(self.farm.settings.shards)]
        queues = [own_queue(pool, self.name), interactive_queue(pool), *shards]
        for queue in queues:
            entry = self.farm.redis.rpop(queue)
            if entry:
                body: Any = json.loads(base64.b64decode(json.loads(str(entry))["body"]))
                return TestMessage.model_validate(body[0][0])
        return None

    def take(self, message: TestMessage) -> Lease | None:
        """The lease, if it is granted."""
        lease = Lease(message.run_id, message.number, message.lease, self.name, self.token)
        keys = (lease.key, BEATS, cancelled_key(lease.run_id))
        args = (str(lease.lease), lease.worker, lease.token, lease.member)
        if self.farm.redis.eval(TAKE, 3, *keys, *args) != 1:
            return None
        self.held[lease] = message
        return lease

    def take_next(self) -> Lease | None:
        """Pop until a lease is granted or the queues are empty."""
        while (message := self.pop()) is not None:
            lease = self.take(message)
            if lease is not None:
                return lease
        return None

    def record(self, lease: Lease, outcome: AttemptOutcome | None = AttemptOutcome.PASSED, **changes: Any) -> str:
        """Record an attempt and hand the next member of a group over; the record's text."""
        message = self.held.pop(lease)
        self.ran.append(lease.number)
        text = record_text(message, self.name, outcome, **changes)
        wake = control_message_bytes(AGGREGATE, [lease.run_id])
        self.farm.redis.execute_command(*record_command(lease, text.encode(), wake, self._following(lease, message)))
        return text

    def work(self, verdict: Verdict = passes, limit: int = 10**9) -> int:
        """Run what is queued, up to `limit` tests; tells how many."""
        done = 0
        while done < limit and (message := self.pop()) is not None:
            lease = self.take(message)
            if lease is not None:
                self.record(lease, verdict(message))
                done += 1
        return done

    def _following(self, lease: Lease, message: TestMessage) -> NextMember | None:
        plan = SuitePlan.model_validate_json(self.farm.blobs.get(message.plan))
        test = next(test for test in plan.tests if test.number == message.number)
        if test.group is None:
            return None
        later = [
            other for other in plan.group_members(test.group) if other.number > message.number and not other.skip_reason
        ]
        if not later:
            return None
        queue = own_queue(self.farm.settings.pool, self.name)
        following = message.model_copy(update={"number": later[0].number, "test_id": later[0].test_id})
        next_lease = Lease(message.run_id, later[0].number, lease.lease, self.name, lease.token)
        return NextMember(next_lease, queue, test_message_bytes(following, queue))


def record_text(message: TestMessage, worker: str, outcome: AttemptOutcome | None, **changes: Any) -> str:
    """A record of this message's attempt as JSON."""
    now = datetime.now(UTC)
    cause = None if outcome is AttemptOutcome.PASSED else Cause(kind=CauseKind.CHECK, message="as the test wants")
    fields: dict[str, Any] = {
        "run_id": message.run_id,
        "number": message.number,
        "test_id": message.test_id,
        "lease": message.lease,
        "worker": worker,
        "outcome": outcome,
        "cause": cause,
        "started_at": now,
        "ended_at": now,
        "timing": Timing(total_s=0.01, call_s=0.004),
    }
    return AttemptRecord(**{**fields, **changes}).model_dump_json()
