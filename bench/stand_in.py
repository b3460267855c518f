"""Stands in for all workers of a farm: empties the queues in bulk and answers each message with a record of usual size.

It writes what `take.lua` and `record.lua` write; no test is run.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from harness.models.attempt import AttemptRecord, Cause, CheckFailure, SessionFacts, Timing
from harness.models.job import TestMessage
from harness.models.outcomes import AttemptOutcome, CauseKind
from scheduler.control.farm import Farm
from workers.leases import BEATS, Lease, Taken, heartbeat, lease_key, records_key, take_command
from workers.messages import shard_queue

MANY = 500
FAILING = 10
"""One test in so many fails."""
STDERR = "2026-01-01T00:00:00Z INFO request {n}: handled tools/call of echo in 4 ms; "
STDERR_LINES = 13


class StandIn:
    """`workers` processes of `slots` tests at a time."""

    def __init__(self, farm: Farm, workers: int = 4, slots: int = 64) -> None:
        self._farm, self._workers, self._slots = farm, workers, slots

    def announce(self) -> None:
        """A heartbeat of every worker."""
        declaration = {"pool": self._farm.settings.pool, "slots": str(self._slots)}
        for number in range(self._workers):
            heartbeat(self._farm.redis, f"bench-{number}", declaration, [])

    def pop(self) -> list[TestMessage]:
        """Everything that is queued, up to some hundreds of each shard."""
        settings = self._farm.settings
        with self._farm.redis.pipeline(transaction=False) as pipe:
            for shard in range(settings.shards):
                pipe.rpop(shard_queue(settings.pool, shard), MANY)
            return [_message(entry) for entries in pipe.execute() for entry in entries or ()]

    def take(self, messages: Sequence[TestMessage]) -> list[Taken]:
        """Ask for these leases through the real script."""
        with self._farm.redis.pipeline(transaction=False) as pipe:
            for message in messages:
                pipe.execute_command(*take_command(_lease(message)))
            return [Taken(answer) for answer in pipe.execute()]

    def record(self, messages: Sequence[TestMessage], outcome: AttemptOutcome | None = None) -> None:
        """Record an attempt of each, nine of ten passed where no `outcome` is given; their leases end."""
        with self._farm.redis.pipeline(transaction=False) as pipe:
            for message in messages:
                pipe.xadd(records_key(message.run_id), {"r": record_text(message, outcome)})
                pipe.delete(lease_key(message.run_id, message.number))
                pipe.zrem(BEATS, _lease(message).member)
            pipe.execute()


def in_parts(messages: Sequence[TestMessage], size: int = MANY) -> Iterator[Sequence[TestMessage]]:
    """These messages, `size` at a time."""
    return (messages[start : start + size] for start in range(0, len(messages), size))


def record_text(message: TestMessage, outcome: AttemptOutcome | None = None) -> str:
    """A record of 1.5 to 2 KB as JSON; one of ten failed, where no `outcome` is given."""
    fields = _failed() if message.number % FAILING == 0 else _passed()
    named = {"run_id": message.run_id, "number": message.number, "test_id": message.test_id, "lease": message.lease}
    ended = {} if outcome is None else {"outcome": outcome.value}
    return json.dumps({**fields, **named, **ended, "stderr_tail": STDERR.format(n=message.number) * STDERR_LINES})


def _message(entry: str) -> TestMessage:
    body: Any = json.loads(base64.b64decode(json.loads(entry)["body"]))
    return TestMessage.model_validate(body[0][0])


def _lease(message: TestMessage) -> Lease:
    return Lease(message.run_id, message.number, message.lease, "bench-0", "0123456789abcdef")


@cache
def _passed() -> Mapping[str, Any]:
    return _record(AttemptOutcome.PASSED).model_dump(mode="json")


@cache
def _failed() -> Mapping[str, Any]:
    failure = CheckFailure(check="value", path="$[0].text", expected="hi 7", actual="hello 7, who are you? " * 4)
    facts = {"cause": Cause(kind=CauseKind.CHECK), "failures": (failure,)}
    return _record(AttemptOutcome.FAILED).model_copy(update=facts).model_dump(mode="json")


def _record(outcome: AttemptOutcome) -> AttemptRecord:
    now = datetime.now(UTC)
    return AttemptRecord(
        run_id="",
        number=0,
        test_id="",
        lease=0,
        worker="bench-0",
        outcome=outcome,
        started_at=now,
        ended_at=now,
        timing=Timing(total_s=0.012, call_s=0.0043, session_wait_s=0.001, loop_gap_s=0.002),
        session=SessionFacts(
            session_id="0123456789abcdef",
            position=17,
            server_name="bench",
            server_version="1.0.0",
            protocol_version="2025-06-18",
        ),
        request_written=True,
        notes=("the server wrote a line to stdout that is no message: 'ready'",),
    )
