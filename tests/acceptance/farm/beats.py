"""Watches what beats send, from outside: each names its process in its messages."""

import re

from workers.messages import CONTROL_QUEUE
from workers.redis_clients import redis_client


def wait_for_ticks(redis_url: str, task: str, *pids: int) -> None:
    """Return when each of these beats has asked `control` for `task`."""
    missing = set(pids)
    with redis_client(redis_url) as client, client.monitor() as monitor:
        for entry in monitor.listen():
            if entry["command"].startswith(f"LPUSH {CONTROL_QUEUE} ") and task in entry["command"]:
                missing -= {int(pid) for pid in re.findall(r"gen(\d+)@", entry["command"])}
            if not missing:
                return
