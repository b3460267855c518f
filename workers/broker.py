"""The broker: Celery's options, queue names, hand-built messages, Redis clients. Knows no task.

This is the only place that sets broker options. Queues, one Redis list each:
  tests.v1.<pool>.<shard>       one message per test, taken by any worker of the pool
  tests.v1.<pool>.own.<worker>  the next members of the groups that this worker holds
  control                       short tasks of the farm itself
"""

import base64
import json
import secrets
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import redis
import redis.asyncio
from celery import Celery
from kombu.entity import Exchange, Queue
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from harness.models.job import TestMessage

CONTROL_QUEUE = "control"
RUN_TEST = "farm.run_test"
AGGREGATE = "farm.aggregate"
SOCKET_TIMEOUT_S = 5.0
"""Of every client. A blocking read must ask for less, or it fails while nothing is wrong."""

_ID_TO_COME = b"task-id-to-come-12345678"
_AWAY = (RedisConnectionError, RedisTimeoutError)


class BrokerSettings(Protocol):
    """What the broker must be told: the settings of a worker and those of a farm both say it."""

    @property
    def redis_url(self) -> str:
        """redis://, rediss:// or unix://[user:password@]/path?db=0."""


def build_app(settings: BrokerSettings) -> Celery:
    """The Celery application of this process, without tasks. Recovery, results and retries of Celery are off."""
    app = Celery("farm", set_as_current=False)
    app.conf.update(
        broker_url=kombu_url(settings.redis_url),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport_options(),
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_default_queue=CONTROL_QUEUE,
        task_default_exchange="",
        task_queues=(direct_queue(CONTROL_QUEUE),),
        task_send_sent_event=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        enable_utc=True,
    )
    return app


def direct_queue(name: str) -> Queue:
    """A queue reached through the nameless exchange: no binding is kept in Redis."""
    nameless = Exchange("")  # type: ignore[no-untyped-call]  # kombu is typed in part
    return Queue(name, exchange=nameless, routing_key=name)  # type: ignore[no-untyped-call]  # the same


def shard_queue(pool: str, shard: int) -> str:
    """The name of a pool's queue number `shard`."""
    return f"tests.v1.{pool}.{shard}"


def own_queue(pool: str, worker: str) -> str:
    """The name of the queue that only this worker reads."""
    return f"tests.v1.{pool}.own.{worker}"


def test_message_bytes(message: TestMessage, queue: str) -> bytes:
    """The list entry to LPUSH on `queue` so that a worker runs this test. Flower shows it by the test's id."""
    task_id = f"{message.run_id}-{message.number}-{message.lease}"
    body = message.model_dump(mode="json")
    return message_bytes(RUN_TEST, (body,), queue=queue, task_id=task_id, shown=message.test_id)


test_message_bytes.__test__ = False  # type: ignore[attr-defined]  # pytest would take an imported function for a test


def control_message_bytes(task: str, args: Sequence[str]) -> bytes:
    """The list entry to LPUSH on `control` so that the farm runs one of its own tasks."""
    return _control_template(task, tuple(args)).replace(_ID_TO_COME, secrets.token_hex(12).encode())


def message_bytes(task: str, args: Sequence[object], *, queue: str, task_id: str, shown: str, tag: str = "") -> bytes:
    """A complete message of Celery's protocol 2 as kombu's Redis transport stores it. `tag` is unique on its way."""
    embed = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    body = json.dumps((args, {}, embed), separators=(",", ":")).encode()
    entry = {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": _headers(task, task_id, shown),
        "properties": {
            "correlation_id": task_id,
            "reply_to": "",
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": queue},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": tag or secrets.token_hex(12),
        },
    }
    return json.dumps(entry, separators=(",", ":")).encode()


@lru_cache(maxsize=256)
def _control_template(task: str, args: tuple[str, ...]) -> bytes:
    """A wake-up goes with every record: only its id is made anew."""
    task_id = _ID_TO_COME.decode()
    return message_bytes(task, args, queue=CONTROL_QUEUE, task_id=task_id, shown=", ".join(args), tag=task_id)


def redis_client(url: str) -> redis.Redis:
    """A client for threads and tasks: texts in and out, three quick retries, 5 s for any answer."""
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        encoding_errors="replace",
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=SOCKET_TIMEOUT_S,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 3, supported_errors=_AWAY),
    )


def async_redis_client(url: str) -> redis.asyncio.Redis:
    """The same for a loop. Its pool waits for a free connection instead of raising."""
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=4,
        timeout=SOCKET_TIMEOUT_S,
        decode_responses=True,
        encoding_errors="replace",
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=SOCKET_TIMEOUT_S,
        retry=AsyncRetry(ExponentialBackoff(cap=0.5, base=0.05), 3, supported_errors=_AWAY),
    )
    return redis.asyncio.Redis.from_pool(pool)


def kombu_url(url: str) -> str:
    """kombu writes sockets as redis+socket:// and takes the database as `virtual_host`."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"


def _transport_options() -> dict[str, object]:
    return {
        "ack_emulation": False,  # leases bring lost tests back: no unacked set, no redelivery
        "priority_steps": [0],
        "queue_order_strategy": "workers.order:HomeFirst",
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": SOCKET_TIMEOUT_S,
        "socket_keepalive": True,
        "health_check_interval": 5,
    }


def _headers(task: str, task_id: str, shown: str) -> dict[str, object]:
    return {
        "lang": "py",
        "task": task,
        "id": task_id,
        "root_id": task_id,
        "parent_id": None,
        "group": None,
        "shadow": None,
        "eta": None,
        "expires": None,
        "retries": 0,
        "timelimit": [None, None],
        "argsrepr": shown,
        "kwargsrepr": "",
        "origin": "farm",
        "ignore_result": True,
    }
