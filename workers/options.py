"""What all processes of a farm must have in common, and how each tells the others. Owns one key of Redis.

  farm:options  hash, one field per kind of process: `control`, `pool:<pool>` → Announced as JSON. No TTL: an entry
                counts for 30 s after it was written, and whoever wrote it writes it again every few seconds.

So a change needs no more than that the processes that disagree are gone for 30 s.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

import redis
from pydantic import ValidationError

from harness.models.job import MESSAGE_VERSION
from harness.models.wire import Wire
from workers.messages import shard_queue

OPTIONS = "farm:options"
LIVE_MS = 30_000
CONTROL = "control"

Options = Mapping[str, str]
"""Names for people → values. Only what breaks a promise when two processes differ in it."""


class Announced(Wire):
    """What one kind of process said last. `at_ms` is Redis's time."""

    at_ms: int
    digest: str
    values: dict[str, str]


def options_of(conf: Any, pool: str, shards: int) -> Options:
    """The options of this process. `conf` is that of its Celery application."""
    transport = conf.broker_transport_options
    return {
        f"number of shards of pool {pool} (MCPF_SHARDS)": str(shards),
        "names of queues": shard_queue("POOL", 0),
        "version of messages": str(MESSAGE_VERSION),
        "serializer": str(conf.task_serializer),
        "broker option ack_emulation": str(transport.get("ack_emulation", True)),
        "broker option priority_steps": str(transport.get("priority_steps", "")),
    }


def announcer_of(pool: str) -> str:
    """The field of a pool's workers."""
    return f"pool:{pool}"


def announce(client: redis.Redis, who: str, options: Options) -> None:
    """Say what we use. Raises redis errors, ResponseError where we may not, or Redis is full."""
    said = Announced(at_ms=_now_ms(client), digest=digest(options), values=dict(options))
    client.hset(OPTIONS, who, said.model_dump_json())


def live_options(client: redis.Redis) -> dict[str, Options]:
    """What processes that live have said, by announcer. Raises redis errors."""
    now_ms = _now_ms(client)
    entries = cast(dict[str, str], client.hgetall(OPTIONS))
    said = {who: _parse(entry) for who, entry in entries.items()}
    return {who: one.values for who, one in said.items() if one is not None and now_ms - one.at_ms < LIVE_MS}


def digest(options: Options) -> str:
    """The same for equal options, whatever their order."""
    return hashlib.sha256(json.dumps(dict(options), sort_keys=True).encode()).hexdigest()[:16]


def differences(mine: Options, others: Mapping[str, Options]) -> Iterator[str]:
    """What differs, with both values. What only one side knows is no difference: it may be older or newer."""
    for who, theirs in sorted(others.items()):
        for name in sorted(mine.keys() & theirs.keys()):
            if mine[name] != theirs[name]:
                yield (
                    f"{name} is {mine[name]} here, but {theirs[name]} in processes of {who} that are alive; set both "
                    "alike, or stop those first and wait 30 s"
                )


def _parse(entry: str) -> Announced | None:
    try:
        return Announced.model_validate_json(entry)
    except ValidationError:
        return None


def _now_ms(client: redis.Redis) -> int:
    seconds, micros = client.time()
    return seconds * 1000 + micros // 1000
