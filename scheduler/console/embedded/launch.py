"""Owns the processes of one embedded run: Redis and workers, started before everything that is slow to load.

The heavy half (`control.py`: store, queue, Redis client) is imported while they come up; that is why it is imported
here, late.
"""

import contextlib
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import FarmUnreachable
from scheduler.console.embedded.local_workers import LocalWorkers
from scheduler.console.embedded.settings import WorkerTerms
from scheduler.console.embedded.state_dir import StateDir, private_dir
from scheduler.operate.embedded_redis import RedisServer, start_redis
from scheduler.state.breaker import Terms

if TYPE_CHECKING:
    from scheduler.console.embedded.control import EmbeddedFarm

SHARDS_PER_WORKER = 2
MAX_SHARDS = 64


@dataclass(frozen=True)
class Size:
    """How much is started: worker processes, and tests in flight in each."""

    workers: int
    slots: int

    @property
    def shards(self) -> int:
        """Queues of this run's pool."""
        return min(MAX_SHARDS, SHARDS_PER_WORKER * self.workers)


@dataclass(frozen=True)
class Processes:
    """What runs for one command, and where."""

    state: StateDir
    size: Size
    pool: str
    private: Path
    redis: RedisServer
    workers: LocalWorkers

    def check_redis(self) -> None:
        """FarmUnreachable when the embedded Redis is gone: nothing of this run can go on."""
        if self.redis.process.poll() is not None:
            raise FarmUnreachable("the embedded Redis ended while the run went on")

    def kill(self) -> None:
        """End everything now, without a word; for the second Ctrl-C."""
        self.workers.kill()
        self.redis.process.kill()
        shutil.rmtree(self.redis.socket.parent, ignore_errors=True)
        shutil.rmtree(self.private, ignore_errors=True)


@contextlib.contextmanager
def embedded_farm(
    state: StateDir, size: Size, breaker: Terms, on_kill: Callable[[Callable[[], None]], None]
) -> Iterator["EmbeddedFarm"]:
    """A farm of this command alone; everything of it is gone at the end.

    `breaker` says when a server counts as unreachable.
    `on_kill` is given what ends all its processes at once, as soon as there are any.
    """
    state.create()
    pool = f"run-{secrets.token_hex(6)}"  # of our own: another command on the state directory never sees its tests
    with state.claim(pool), private_dir() as private, start_redis() as redis:
        processes = _start_workers(state, size, pool, private, redis)
        on_kill(processes.kill)
        try:
            from scheduler.console.embedded.control import open_embedded  # slow: loaded while the workers start

            redis.wait_ready()
            with open_embedded(processes, breaker) as farm:
                yield farm
        finally:
            processes.workers.ask_to_stop()
            processes.workers.wait_stopped()
            redis.process.kill()  # nothing of it is kept, and ending in peace takes it 0.1 s


def _start_workers(state: StateDir, size: Size, pool: str, private: Path, redis: RedisServer) -> Processes:
    scratch = private / "scratch"
    scratch.mkdir(mode=0o700)
    terms = WorkerTerms(redis.url, pool, size.shards, size.slots, state.blobs, scratch)
    workers = LocalWorkers(terms, size.workers, private)
    workers.start()
    return Processes(state, size, pool, private, redis, workers)
