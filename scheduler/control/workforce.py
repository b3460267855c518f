"""Which workers live, as Redis knows it. Reads `farm:workers` and `farm:worker:*`; sweeps what died long ago."""

from typing import Any, cast

import redis

from harness.targets.abilities import Abilities, parse_abilities
from workers.leases import SILENT_S, WORKERS, worker_key
from workers.messages import own_queue

PRESENT_S = 8.0
"""A test is given to a worker by name only if that was heard of within this: one missed heartbeat, and a bit."""

FORGET_S = 40.0
"""Twice what makes a lease silent. One that comes back says so, and what was in its own queue has gone elsewhere."""


def server_ms(client: redis.Redis) -> int:
    """Redis's own clock in ms: the one that heartbeats are stamped with."""
    seconds, micros = client.time()
    return seconds * 1000 + micros // 1000


def heartbeats(client: redis.Redis) -> dict[str, float]:
    """When each worker was last heard of, by name: in ms of Redis's clock."""
    return dict(cast(list[tuple[str, float]], client.zrange(WORKERS, 0, -1, withscores=True)))


def live_slots(client: redis.Redis, pool: str) -> int:
    """How many tests the pool's live workers can run at a time."""
    return sum(live_workers(client, pool).values())


def live_workers(client: redis.Redis, pool: str, heard_within_s: float = SILENT_S) -> dict[str, int]:
    """The pool's workers that live and take tests, by name: how many each can run at a time."""
    names = _live_workers(client, heard_within_s)
    if not names:
        return {}
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hmget(worker_key(name), "pool", "slots")
        answers: list[Any] = pipe.execute()
    found = {name: _slots(slots) for name, (where, slots) in zip(names, answers, strict=True) if where == pool}
    return {name: slots for name, slots in found.items() if slots}


def live_abilities(client: redis.Redis, pool: str, heard_within_s: float = SILENT_S) -> dict[str, Abilities]:
    """What each of the pool's workers that live and take tests offers; one that has not said it yet is left out."""
    names = list(live_workers(client, pool, heard_within_s))
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hget(worker_key(name), "abilities")
        answers: list[Any] = pipe.execute()
    return {name: parse_abilities(said) for name, said in zip(names, answers, strict=True) if said}


def sweep_workers(client: redis.Redis, pool: str, now_ms: int) -> None:
    """Forget workers that have been silent for long, with the queues that only they read."""
    gone = cast(list[str], client.zrangebyscore(WORKERS, "-inf", now_ms - int(FORGET_S * 1000)))
    if not gone:
        return
    with client.pipeline(transaction=False) as pipe:
        for name in gone:
            pipe.delete(own_queue(pool, name), worker_key(name))
        pipe.zrem(WORKERS, *gone)
        pipe.execute()


def _live_workers(client: redis.Redis, heard_within_s: float) -> list[str]:
    """Names of workers that were heard of within that time."""
    with client.pipeline(transaction=False) as pipe:
        pipe.time()
        pipe.zrange(WORKERS, 0, -1, withscores=True)
        (seconds, _), heard = cast(tuple[tuple[int, int], list[tuple[str, float]]], tuple(pipe.execute()))
    return [name for name, score in heard if score >= (seconds - heard_within_s) * 1000]


def _slots(text: str | None) -> int:
    return min(int(text), 256) if text and text.isdecimal() else 0
