"""Leases in Redis: the names of all keys, and the scripts that take, keep and record, each one atomic step.

Shapes, writers and lifetimes of the keys stand in docs/protocol.md. The scripts are sent whole with every call
(a few hundred bytes): a Redis that restarted or was emptied needs nothing loaded first.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from importlib.resources import files
from typing import Any, Protocol, cast

import redis

from workers.messages import CONTROL_QUEUE

BEATS = "farm:beats"
WORKERS = "farm:workers"
EPOCH = "farm:epoch"
HEARTBEAT_S = 5.0
SILENT_S = 20.0
LEASE_LIFE_S = 24 * 3600
WORKER_LIFE_S = 30
WAKE_LIFE_MS = 5000


def _script(name: str) -> str:
    """A script without its comments: they would travel with every call."""
    lines = files("workers").joinpath(name).read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


_TAKE = _script("take.lua")
_HEARTBEAT = _script("heartbeat.lua")
_RECORD = _script("record.lua")
_RELEASE = _script("release.lua")
_QUEUE = _script("queue.lua")

Command = tuple[Any, ...]
"""What `execute_command` of a client or pipeline takes."""


class LeasePipe(Protocol):
    """The command of a redis-py pipeline that writing a lease needs."""

    def eval(self, script: str, numkeys: int, *keys_and_args: Any) -> Any:
        """Queue EVAL."""


class Taken(IntEnum):
    """What `take.lua` answers."""

    GRANTED = 1
    STALE = 0
    ELSEWHERE = -1
    CANCELLED = -2


class Held(IntEnum):
    """What `heartbeat.lua` says of one lease."""

    HELD = 1
    LOST = 0
    CANCELLED = -2


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to record one attempt. `token` is random per taking; the members of a group on one worker share it."""

    run_id: str
    number: int
    lease: int
    worker: str
    token: str

    @property
    def key(self) -> str:
        """The lease's own key."""
        return lease_key(self.run_id, self.number)

    @property
    def member(self) -> str:
        """Its member of `farm:beats`."""
        return beat_member(self.run_id, self.number, self.lease)


@dataclass(frozen=True, slots=True)
class NextMember:
    """The next test of a group: its lease under the same token, the worker's own queue, and the message."""

    lease: Lease
    queue: str
    message: bytes


def lease_key(run_id: str, number: int) -> str:
    """Hash of one test's current lease: `lease`, and once taken `worker`, `token`, `taken_ms`."""
    return f"farm:lease:{run_id}:{number}"


def beat_member(run_id: str, number: int, lease: int) -> str:
    """How `farm:beats` names a taken lease."""
    return f"{run_id}:{number}:{lease}"


def parse_beat_member(member: str) -> tuple[str, int, int]:
    """Run, number and lease of a member of `farm:beats`. Raises ValueError for anything else."""
    run_id, number, lease = member.rsplit(":", 2)
    return run_id, int(number), int(lease)


def records_key(run_id: str) -> str:
    """Stream of a run's records, field `r`."""
    return f"farm:records:{run_id}"


def wake_key(run_id: str) -> str:
    """Set while a wake-up of `aggregate` is under way."""
    return f"farm:wake:{run_id}"


def cancelled_key(run_id: str) -> str:
    """Exists once the run is cancelled."""
    return f"farm:cancelled:{run_id}"


def worker_key(name: str) -> str:
    """Hash of what a live worker declares."""
    return f"farm:worker:{name}"


def queue_lease(pipe: LeasePipe, run_id: str, number: int, lease: int) -> None:
    """Add to `pipe` what makes `lease` the test's current one, not yet taken. The message follows in the same pipe.

    One who comes so late that the test has a later lease changes nothing.
    """
    pipe.eval(_QUEUE, 1, lease_key(run_id, number), str(lease), str(LEASE_LIFE_S))


def take_command(lease: Lease) -> Command:
    """The EVAL of `take.lua`; its answer is a `Taken`. Sending it again is safe."""
    keys = (lease.key, BEATS, cancelled_key(lease.run_id))
    return ("EVAL", _TAKE, len(keys), *keys, str(lease.lease), lease.worker, lease.token, lease.member)


def release_command(lease: Lease) -> Command:
    """The EVAL of `release.lua`: 1 given back, 0 it was not held."""
    return ("EVAL", _RELEASE, 2, lease.key, BEATS, str(lease.lease), lease.token, lease.member)


def heartbeat(
    client: redis.Redis, worker: str, declaration: Mapping[str, str], leases: Sequence[Lease]
) -> dict[Lease, Held]:
    """Announce the worker and keep `leases`, in one call; tells which of them are still held."""
    keys = [BEATS, WORKERS, worker_key(worker)]
    args = [worker, json.dumps(dict(declaration)), str(WORKER_LIFE_S)]
    for lease in leases:
        keys += (lease.key, cancelled_key(lease.run_id))
        args += (str(lease.lease), lease.token, lease.member)
    answers = cast(list[int], client.eval(_HEARTBEAT, len(keys), *keys, *args))
    return dict(zip(leases, map(Held, answers), strict=True))


def record_command(lease: Lease, record: bytes, wake: bytes, following: NextMember | None = None) -> Command:
    """The EVAL of `record.lua`: 1 recorded under the current lease and handed on, 0 or -1 recorded, but not so.

    `wake` is the message for `control`, or empty where nobody reads that queue.
    """
    keys: list[str] = [lease.key, BEATS, records_key(lease.run_id), wake_key(lease.run_id), CONTROL_QUEUE]
    args: list[Any] = [str(lease.lease), lease.token, lease.member, record, WAKE_LIFE_MS, wake]
    if following is not None:
        keys += (following.queue, following.lease.key)
        args += (lease.worker, following.lease.member, following.message)
    return ("EVAL", _RECORD, len(keys), *keys, *args)
