"""What Redis knows of tests that are in flight: leases, heartbeats, and the messages that still wait. Reads only."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import redis

from scheduler.control.workforce import heartbeats, live_workers
from scheduler.state.waits import Sighting
from scheduler.store.work import WorkRow
from workers.leases import BEATS, beat_member, lease_key, worker_key
from workers.messages import interactive_queue, own_queue, shard_queue

CHUNK = 1000
MAX_MESSAGES = 20_000


@dataclass(frozen=True)
class Messages:
    """Ids of the messages that are in queues, as `message_id` makes them."""

    waiting: set[str]
    """A live worker may still take them; those in the hands of one that runs a test alone are among them."""
    orphaned: set[str]
    """They are in the own queues of workers that have fallen silent: nobody takes them any more."""


def see(client: redis.Redis, run_id: str, rows: Sequence[WorkRow]) -> dict[int, Sighting]:
    """Sightings of these tests by number."""
    found: dict[int, Sighting] = {}
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        with client.pipeline(transaction=False) as pipe:
            for row in chunk:
                pipe.hmget(lease_key(run_id, row.number), "lease", "worker", "taken_ms")
                pipe.zscore(BEATS, beat_member(run_id, row.number, row.status.lease))
            answers = pipe.execute()
        for row, held, beat in zip(chunk, answers[::2], answers[1::2], strict=True):
            found[row.number] = _sighting(row, held, beat)
    return found


def message_id(run_id: str, number: int, lease: int) -> str:
    """How the message of this lease is called in its queue."""
    return f"{run_id}-{number}-{lease}"


def find_messages(client: redis.Redis, pool: str, shards: Iterable[int]) -> Messages:
    """The messages in these shards, in the interactive queue, and in the workers' own queues."""
    known = heartbeats(client).keys()  # first: who comes meanwhile is not taken for gone
    workers = live_workers(client, pool)
    gone = sorted(known - workers.keys())
    shared = [interactive_queue(pool), *(shard_queue(pool, shard) for shard in sorted(set(shards)))]
    read = [*shared, *(own_queue(pool, name) for name in workers)]
    with client.pipeline(transaction=False) as pipe:
        for queue in (*read, *(own_queue(pool, name) for name in gone)):
            pipe.lrange(queue, 0, MAX_MESSAGES)
        for name in workers:
            pipe.hget(worker_key(name), "waiting")
        answers: list[Any] = pipe.execute()
    queues, told = answers[: len(read) + len(gone)], answers[len(read) + len(gone) :]
    in_hands = {member.replace(":", "-") for members in told for member in (members or "").split()}
    return Messages(waiting=_ids(queues[: len(read)]) | in_hands, orphaned=_ids(queues[len(read) :]))


def _sighting(row: WorkRow, held: Sequence[str | None], beat: float | None) -> Sighting:
    lease, worker, taken_ms = held
    return Sighting(
        number=row.number,
        lease=row.status.lease,
        seen_lease=_number(lease),
        worker=worker or "",
        taken_ms=_number(taken_ms),
        beat_ms=None if beat is None else int(beat),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def _ids(queues: Iterable[Sequence[str]]) -> set[str]:
    return {_message_id(entry) for entries in queues for entry in entries}


def _message_id(entry: str) -> str:
    try:
        message: Any = json.loads(entry)
        return str(message["headers"]["id"])
    except (ValueError, KeyError, TypeError):
        return ""
