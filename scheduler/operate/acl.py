"""Owns what the Redis user of the workers may do: one rule list, made of the key table in docs/protocol.md.

Everything is refused but what stands here. The root of the rule lets a worker call scripts and keep a connection;
each selector pairs some keys with the few commands that a worker needs on them, inside scripts too. So a worker can
append a record but read none, wake `control` but take none of its messages, and see that a run is cancelled but not
cancel it. Selectors need Redis 7 or any Valkey.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import redis

from harness.errors import FarmError

WORKER_USER = "worker"

CONNECTION = ("auth", "hello", "ping", "select", "quit", "client|setname", "client|id", "time", "info")
SINCE_7_2 = ("client|setinfo",)
"""Clients say what they are, and go on when that is refused; granted where it is known, it keeps ACL LOG clean."""
SCRIPTS = (
    "eval",
    "evalsha",
    "script|load",
    "script|exists",
    "multi",
    "exec",
    "discard",
    "unwatch",
    "unsubscribe",
    "punsubscribe",
)

# What is subscribed to as a pattern must stand in the rule letter by letter: one name for each database of a server.
PIDBOXES = tuple(f"/{database}.celery.pidbox" for database in range(16))


@dataclass(frozen=True)
class Grant:
    """`commands` on the keys or channels that match `patterns`."""

    patterns: tuple[str, ...]
    commands: tuple[str, ...]
    channels: bool = False

    def selector(self) -> str:
        """The grant as a selector of an ACL rule."""
        sigil = "&" if self.channels else "~"
        words = [*(f"{sigil}{pattern}" for pattern in self.patterns), *(f"+{command}" for command in self.commands)]
        return f"({' '.join(words)})"


GRANTS = (
    Grant(("tests.v1.*",), ("brpop", "blmpop", "lpush", "rpush", "llen", "del", "expire", "pexpire")),
    Grant(("control",), ("lpush",)),
    Grant(("farm:lease:*",), ("hget", "hmget", "hset", "hdel", "del", "exists", "expire")),
    Grant(("farm:beats",), ("zadd", "zrem")),
    Grant(("farm:records:*",), ("xadd",)),
    Grant(("farm:wake:*",), ("set",)),
    Grant(("farm:worker:*",), ("hset", "del", "expire")),
    Grant(("farm:workers",), ("zadd", "zrem")),
    Grant(("farm:cancelled:*",), ("exists",)),
    Grant(("farm:options",), ("hset", "hgetall")),
    # Celery: its tables of queues, replies to an operator's inspect, events for Flower, orders from an operator.
    Grant(("_kombu.binding.*", "_kombu.binding_permanent.*"), ("smembers", "sadd", "srem", "exists", "del")),
    Grant(("_kombu.binding_deadlines",), ("zadd", "zrangebyscore", "zrem")),
    Grant(("*.reply.celery.pidbox",), ("lpush",)),
    Grant(("*.celery.pidbox",), ("llen", "del")),
    Grant(("/*.celeryev", "/*.celeryev/*"), ("publish",), channels=True),
    Grant(PIDBOXES, ("subscribe", "psubscribe"), channels=True),
)


def worker_rules(password: str, newer: Sequence[str] = SINCE_7_2) -> tuple[str, ...]:
    """The words after `ACL SETUSER worker`. The user's earlier rules are forgotten.

    `newer` are commands that an older server does not know, and would refuse the whole rule for.
    """
    keys = dict.fromkeys(pattern for grant in GRANTS if not grant.channels for pattern in grant.patterns)
    root = [*(f"+{command}" for command in (*CONNECTION, *newer, *SCRIPTS)), *(f"~{pattern}" for pattern in keys)]
    return ("reset", "on", f">{password}", *root, *(grant.selector() for grant in GRANTS))


def install(client: redis.Redis, password: str) -> None:
    """Make the workers' user, or change it to these rules. Raises FarmError where that is refused."""
    try:
        try:
            _set_user(client, worker_rules(password))
        except redis.ResponseError as refusal:
            if "Unknown command" not in str(refusal):
                raise
            _set_user(client, worker_rules(password, newer=()))
    except redis.ResponseError as refusal:
        raise FarmError(
            f"this Redis lets us make no user for the workers ({refusal}); it must be version 7 or newer. Make one "
            "yourself, with the rules that docs/farm.md shows, and set MCPF_WORKER_REDIS_URL"
        ) from refusal


def _set_user(client: redis.Redis, rules: Sequence[str]) -> None:
    cast(Any, client).execute_command("ACL", "SETUSER", WORKER_USER, *rules)


def keep_user(client: redis.Redis, worker_url: str) -> bool:
    """Make the workers' user again where a Redis that restarted has forgotten it; whether that was necessary.

    Leaves alone a user of another name, and a server that does not let us look.
    """
    parts = urlsplit(worker_url)
    if parts.username != WORKER_USER or not parts.password:
        return False
    try:
        if cast(Any, client).execute_command("ACL", "GETUSER", WORKER_USER) is not None:
            return False
    except redis.ResponseError:
        return False
    install(client, unquote(parts.password))
    return True
