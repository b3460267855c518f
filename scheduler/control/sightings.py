"""What Redis knows of tests that are in flight: leases, heartbeats, and the messages that still wait. Reads only."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import redis

from scheduler.control.workforce import heartbeats, live_workers
from scheduler.state.waits import Sighting
from scheduler.store.work import WorkRow
from workers.leases import BEATS, beat_member, lease_key, worker_key
from workers.messages import interactive_queue, own_queue, shard_queue

CHUNK = 1000
MAX_MESSAGES = 20_000


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


def orphaned_messages(client: redis.Redis, pool: str) -> set[str]:
    """Ids of the messages in the own queues of workers that have fallen silent: nobody takes them any more."""
    gone = heartbeats(client).keys() - live_workers(client, pool).keys()
    if not gone:
        return set()
    with client.pipeline(transaction=False) as pipe:
        for name in sorted(gone):
            pipe.lrange(own_queue(pool, name), 0, MAX_MESSAGES)
        answers: list[Any] = pipe.execute()
    return {_message_id(entry) for entries in answers for entry in entries}


def waiting_messages(client: redis.Redis, pool: str, shards: Iterable[int]) -> set[str]:
    """Ids of the messages that a live worker may still take, as `message_id` makes them: in these shards, in the
    interactive queue, in the own queues of live workers, and in their hands while one of them runs a test alone.
    A dead worker's queue holds nothing that comes back."""
    workers = live_workers(client, pool)
    queues = [interactive_queue(pool), *(shard_queue(pool, shard) for shard in sorted(set(shards)))]
    queues += [own_queue(pool, name) for name in workers]
    with client.pipeline(transaction=False) as pipe:
        for queue in queues:
            pipe.lrange(queue, 0, MAX_MESSAGES)
        for name in workers:
            pipe.hget(worker_key(name), "waiting")
        answers: list[Any] = pipe.execute()
    queued = {_message_id(entry) for entries in answers[: len(queues)] for entry in entries}
    return queued | {member.replace(":", "-") for told in answers[len(queues) :] for member in (told or "").split()}


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


def _message_id(entry: str) -> str:
    try:
        message: Any = json.loads(entry)
        return str(message["headers"]["id"])
    except (ValueError, KeyError, TypeError):
        return ""
