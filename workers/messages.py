"""Queue names and hand-built messages, as Celery and kombu store them. Knows no task, and loads neither of the two.

One Redis list each:
  tests.v1.<pool>.<shard>       one message per test, taken by any worker of the pool
  tests.v1.<pool>.interactive   the same for runs that somebody waits for: looked at before the shards
  tests.v1.<pool>.own.<worker>  next members of the groups that this worker holds, and tests meant for it
  control                       short tasks of the farm itself
"""

import base64
import json
import secrets
from collections.abc import Sequence
from functools import lru_cache

from harness.models.job import TestMessage

CONTROL_QUEUE = "control"
RUN_TEST = "farm.run_test"
AGGREGATE = "farm.aggregate"

_ID_TO_COME = b"task-id-to-come-12345678"


def shard_queue(pool: str, shard: int) -> str:
    """The name of a pool's queue number `shard`."""
    return f"tests.v1.{pool}.{shard}"


def interactive_queue(pool: str) -> str:
    """The name of a pool's queue for runs that somebody waits for."""
    return f"tests.v1.{pool}.interactive"


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
