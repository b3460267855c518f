"""What a process of the farm refuses to start with, because it would break a promise. For workers and for `control`.

One pure function per check, one list. Each names what it found and how to mend it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, cast

import redis
from redis.exceptions import ResponseError

from harness.log import get_logger
from workers.options import Options, differences, live_options
from workers.time_outs import TimeOuts, disorders

log = get_logger("startup")

MIN_REDIS = (7, 0)
MIN_KOMBU = (5, 7)
JSON_ONLY = ("json", ("json",))


@dataclass(frozen=True)
class RedisFacts:
    """What a Redis says of itself."""

    version: str
    maxmemory_bytes: int
    policy: str


@dataclass(frozen=True)
class Situation:
    """All that is looked at. `redis` is None where it is not there, or does not let us look."""

    kombu: str
    task_serializer: str
    accept_content: tuple[str, ...]
    time_outs: TimeOuts
    mine: Options
    redis: RedisFacts | None = None
    others: Mapping[str, Options] = field(default_factory=dict)


def refusals(situation: Situation) -> tuple[str, ...]:
    """Everything that must be mended before this process may start; empty when nothing must."""
    return tuple(problem for check in CHECKS for problem in check(situation))


def situation_of(conf: Any, mine: Options, time_outs: TimeOuts, client: redis.Redis | None) -> Situation:
    """Look around; without `client` only at ourselves. Raises redis errors while Redis is away."""
    return Situation(
        kombu=version("kombu"),
        task_serializer=str(conf.task_serializer),
        accept_content=tuple(conf.accept_content),
        time_outs=time_outs,
        mine=mine,
        redis=None if client is None else _allowed(redis_facts, client),
        others={} if client is None else _allowed(live_options, client) or {},
    )


def redis_facts(client: redis.Redis) -> RedisFacts:
    """Ask. INFO and not CONFIG GET, which managed servers and our own ACL refuse. Raises redis errors."""
    server, memory = cast(Any, client.info("server")), cast(Any, client.info("memory"))
    return RedisFacts(
        version=str(server["redis_version"]),
        maxmemory_bytes=int(memory.get("maxmemory", 0)),
        policy=str(memory.get("maxmemory_policy", "noeviction")),
    )


def redis_evicts(situation: Situation) -> Iterator[str]:
    """A Redis that throws keys away loses leases and records in silence."""
    facts = situation.redis
    if facts is not None and facts.maxmemory_bytes and facts.policy != "noeviction":
        yield (
            f"this Redis evicts keys when it is full (maxmemory {facts.maxmemory_bytes}, maxmemory-policy "
            f"{facts.policy}): tests would be lost; set `maxmemory-policy noeviction` in its configuration"
        )


def redis_is_old(situation: Situation) -> Iterator[str]:
    """BLMPOP, and selectors of ACL rules."""
    if situation.redis is not None and _numbers(situation.redis.version) < MIN_REDIS:
        yield f"this Redis is version {situation.redis.version}; Redis 7.0 or newer is needed, or any Valkey"


def kombu_is_old(situation: Situation) -> Iterator[str]:
    """Older ones have no order of queues of ours, and stop consuming after a restart of Redis."""
    if _numbers(situation.kombu) < MIN_KOMBU:
        yield f"kombu is version {situation.kombu}; 5.7 or newer is needed: pip install 'kombu>=5.7'"


def other_content_than_json(situation: Situation) -> Iterator[str]:
    """Whoever may write to a queue could run code in us."""
    if (situation.task_serializer, situation.accept_content) != JSON_ONLY:
        yield (
            f"Celery is set to write {situation.task_serializer} and to read {', '.join(situation.accept_content)}; "
            "the farm speaks JSON only: remove task_serializer and accept_content from its configuration"
        )


def other_options(situation: Situation) -> Iterator[str]:
    """Two halves of a farm that look for messages in different places wait for each other for ever."""
    yield from differences(situation.mine, situation.others)


def time_outs_in_disorder(situation: Situation) -> Iterator[str]:
    """An inner limit that is longer than the outer one is never reached."""
    yield from disorders(situation.time_outs)


CHECKS: tuple[Callable[[Situation], Iterator[str]], ...] = (
    redis_evicts,
    redis_is_old,
    kombu_is_old,
    other_content_than_json,
    other_options,
    time_outs_in_disorder,
)


def _allowed(look: Callable[[redis.Redis], Any], client: redis.Redis) -> Any:
    """What `look` sees; None, and a warning, where Redis forbids it."""
    try:
        return look(client)
    except ResponseError as refusal:
        log.warning("startup.not_checked", check=look.__name__, error=str(refusal))
        return None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:2])
