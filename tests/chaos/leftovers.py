"""What should be gone when runs are closed, and when the farm is: keys, messages, servers, directories, processes."""

import time
from collections.abc import Callable, Sequence

import redis

from tests.chaos.farm import Farm
from tests.chaos.members import processes_of

GONE_S = 70.0
"""Sessions idle, ticks come around, and after 40 s a dead worker's queue is forgotten."""
END_S = 15.0
LOOK_S = 0.5
SERVER = "witness.py"


def left_of_runs(farm: Farm, run_ids: Sequence[str]) -> tuple[str, ...]:
    """Keys, messages and servers that are still there a while after the runs have closed."""
    return _remaining(lambda: (*_keys(farm, run_ids), *_servers(farm)), GONE_S)


def left_of_farm(farm: Farm) -> tuple[str, ...]:
    """Processes and the workers' directories that are there when everything was stopped."""
    return _remaining(lambda: (*_processes(farm), *_directories(farm)), END_S)


def _remaining(look: Callable[[], tuple[str, ...]], timeout_s: float) -> tuple[str, ...]:
    """What is seen at the end of the wait, or nothing."""
    until = time.monotonic() + timeout_s
    while (found := look()) and time.monotonic() < until:
        time.sleep(LOOK_S)
    return found


def _keys(farm: Farm, run_ids: Sequence[str]) -> tuple[str, ...]:
    """A mark of cancelling lives for a day and is none of these."""
    with farm.client() as client:
        keys = [str(key) for key in client.scan_iter(match="farm:*", count=1000)]
        named = [f"key {key}" for key in keys if any(run in key for run in run_ids) and "cancelled" not in key]
        beats = [str(beat) for beat in client.zrange("farm:beats", 0, -1)]
        named += [f"heartbeat {beat}" for beat in beats if beat.split(":")[0] in run_ids]
        return (*named, *_messages(client, run_ids))


def _messages(client: redis.Redis, run_ids: Sequence[str]) -> list[str]:
    found = []
    for queue in list(client.scan_iter(match="tests.v1.*", count=1000)):
        entries = [str(entry) for entry in client.lrange(str(queue), 0, -1)]
        found += [f"message in {queue}" for entry in entries if any(f'"{run}-' in entry for run in run_ids)]
    return found


def _servers(farm: Farm) -> tuple[str, ...]:
    return tuple(f"server {command}" for command in processes_of(farm.folder).values() if SERVER in command)


def _processes(farm: Farm) -> tuple[str, ...]:
    """The two machines end later."""
    kept = ("postgres", "redis-server", "valkey-server")
    found = processes_of(farm.folder).values()
    return tuple(f"process {command}" for command in found if not any(word in command for word in kept))


def _directories(farm: Farm) -> tuple[str, ...]:
    return tuple(f"directory {path.name}" for path in sorted(farm.scratch.iterdir()))
