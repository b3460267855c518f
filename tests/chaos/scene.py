"""A run under way, as the faults see it: its farm, how far it is, and what was in flight when something was broken."""

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.farm import Farm
from tests.chaos.members import Member, pause_for
from tests.chaos.planned import Truth
from tests.chaos.truth import Place

POLL_S = 0.1


@dataclass(frozen=True)
class Mark:
    """A lease that was in flight when something was broken, at that time (milliseconds since 1970, UTC)."""

    run_id: str
    number: int
    lease: int
    at_ms: int


@dataclass(frozen=True)
class Run:
    """A submitted run."""

    id: str
    place: Place
    truth: Truth


@dataclass
class Scene:
    """What a fault may touch. `runs` holds the main run first. `distorted` names workers whose clock is wrong."""

    farm: Farm
    runs: list[Run]
    chance: random.Random
    deadline: float
    """On the monotonic clock: nothing waits longer."""
    marks: list[Mark] = field(default_factory=list)
    injections: int = 0
    distorted: set[str] = field(default_factory=set)
    exposed: int = 0

    @property
    def main(self) -> Run:
        """The run that is to be disturbed."""
        return self.runs[0]

    @property
    def has_time(self) -> bool:
        """Whether the deadline is still to come."""
        return time.monotonic() < self.deadline

    def done(self, run: Run) -> int:
        """How many tests of the run have an outcome."""
        query = "SELECT count(*) FROM tests WHERE run_id = %s AND outcome IS NOT NULL"
        return int(str(self.farm.sql(query, run.id)[0][0]))

    def is_closed(self, run: Run) -> bool:
        """Whether it has ended."""
        return self.farm.sql("SELECT state FROM runs WHERE id = %s", run.id)[0][0] == "closed"

    def wait_for_share(self, share: float) -> bool:
        """Return when that share of the main run is done; False when the run, or the time, is over."""
        needed = share * len(self.main.truth.tests)
        while self.done(self.main) < needed:
            if not self.has_time or self.is_closed(self.main):
                return False
            time.sleep(POLL_S)
        return not self.is_closed(self.main)

    def wait_closed(self) -> bool:
        """Return when all runs have ended; False when they have not in time."""
        while not all(self.is_closed(run) for run in self.runs):
            if not self.has_time:
                return False
            time.sleep(POLL_S)
        return True

    def count_exposed(self) -> None:
        """At the first injection: the tests that are open are exposed to the fault."""
        if not self.exposed:
            self.exposed = sum(len(run.truth.tests) - self.done(run) for run in self.runs)

    def mark_everything(self) -> None:
        """Note all that is in flight anywhere."""
        now_ms = time.time_ns() // 1_000_000
        for run in self.runs:
            query = "SELECT number, lease FROM tests WHERE run_id = %s AND state IN ('published', 'started')"
            self.marks += [
                Mark(run.id, int(str(n)), int(str(lease)), now_ms) for n, lease in self.farm.sql(query, run.id)
            ]

    def mark_worker(self, *workers: Member) -> None:
        """Note the leases that these workers hold."""
        now_ms = time.time_ns() // 1_000_000
        names = {worker.name for worker in workers}
        self.marks += [Mark(*held, now_ms) for holder, *held in self._held() if holder in names]

    def _held(self) -> Iterable[tuple[str, str, int, int]]:
        """Worker, run, number and lease of all leases that are taken."""
        with self.farm.client() as client:
            for key in list(client.scan_iter(match="farm:lease:*", count=1000)):
                worker, lease = client.hmget(key, "worker", "lease")
                if worker and lease:
                    _, _, run_id, number = str(key).split(":")
                    yield str(worker), run_id, int(number), int(str(lease))

    def busiest_worker(self) -> Member:
        """The living worker that holds most leases."""
        held = [holder for holder, *_ in self._held()]
        living = [worker for worker in self.farm.workers if worker.lives]
        return max(living, key=lambda worker: held.count(worker.name))

    def wait_until_busy(self, worker: Member, timeout_s: float = 15.0) -> None:
        """Return when the worker holds a lease, or after a while in any case."""
        until = time.monotonic() + timeout_s
        while time.monotonic() < until and not any(holder == worker.name for holder, *_ in self._held()):
            time.sleep(POLL_S / 5)

    def last(self, seconds: float) -> None:
        """Let a fault last."""
        pause_for(seconds)


def owner_of(port: int, pids: Iterable[int]) -> int | None:
    """Which of these processes has a connection from that local port."""
    inodes = {
        fields[9]
        for fields in (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
        if int(fields[1].split(":")[1], 16) == port
    }
    wanted = {f"socket:[{inode}]" for inode in inodes}
    return next((pid for pid in pids if wanted & _links(pid)), None)


def _links(pid: int) -> set[str]:
    try:
        return {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return set()
