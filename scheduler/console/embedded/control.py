"""Is the `control` of an embedded run: calls the same functions as a farm's, and is the only writer of its SQLite rows.

(`mcp-test-harness cancel`, in another process, marks the run; that is seen here within a turn.)
Loads everything that is slow; imported by `launch.py` once the processes are started.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from harness.errors import FarmUnreachable
from harness.models.run import EventKind, RunEvent, RunningTests, RunReport, RunRequest, RunState
from harness.safe_text import one_line
from scheduler.console.embedded.launch import Processes
from scheduler.console.embedded.settings import suite_environment
from scheduler.console.embedded.silence import Silence
from scheduler.console.embedded.state_dir import StateDir
from scheduler.control.abandon import abandon_pools
from scheduler.control.aggregate import aggregate
from scheduler.control.cancel import cancel, carry_out_cancel
from scheduler.control.dispatch import dispatch, release_due
from scheduler.control.farm import Farm, open_farm
from scheduler.control.recover import recover
from scheduler.control.submit import submit
from scheduler.control.unreachable import end_unreachable
from scheduler.control.unserved import end_unserved
from scheduler.control.workforce import heartbeats
from scheduler.operate.running import running_tests
from scheduler.reports.usual import Usual
from scheduler.settings import FarmSettings
from scheduler.state.breaker import Terms
from scheduler.store.change import RunRow, load_run
from scheduler.store.durations import usual_durations
from scheduler.store.queries import events_after, run_report, run_view
from workers.leases import SILENT_S

RECOVER_EVERY_S = 5.0
HEAR_EVERY_S = 1.0
PUBLISH_EVERY_S = 0.5
MAX_SAID = 500
Say = Callable[[str], None]


class EmbeddedFarm:
    """A farm inside this process: stores a run's files, submits it, and gives it to be followed."""

    def __init__(self, farm: Farm, processes: Processes) -> None:
        self._farm, self._processes = farm, processes

    def begin(self, contents: Mapping[str, bytes | Path], request: RunRequest, say: Say) -> "EmbeddedRun":
        """Start a run. SuiteErrors, NothingSelected or UsageError when it cannot be accepted."""
        for digest, content in contents.items():
            self._farm.blobs.put(content if isinstance(content, bytes) else content.read_bytes(), digest)
        with _outside_named():
            run_id = submit(self._farm, request).run_id
            dispatch(self._farm)
        return EmbeddedRun(self._farm, self._processes, run_id, say)


class EmbeddedRun:
    """A FollowedRun of this process: each `wait` is one turn of the control loop."""

    def __init__(
        self, farm: Farm, processes: Processes, run_id: str, say: Say, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._farm, self._processes, self._run_id, self._say, self._now = farm, processes, run_id, say, now
        self._seen = 0
        self._stopping, self._notice = False, ""
        self._recovered_at = self._heard_at = self._published_at = now()
        self._silence = Silence(SILENT_S)

    @property
    def run_id(self) -> str:
        """The run's id in the store."""
        return self._run_id

    def wait(self, timeout_s: float) -> tuple[RunEvent, ...]:
        """Mind the workers, store what they recorded, publish what became ready; the events of all that."""
        with _outside_named():
            self._mind_processes()
            self._publish_due()
            aggregate(self._farm, self._run_id, block_ms=int(timeout_s * 1000), budget_s=timeout_s, reclaim_idle_ms=0)
            return self._new_events()

    def cancel(self, reason: str) -> None:
        """Cancel in the store; workers end what they run."""
        self._stopping = True
        with _outside_named():
            cancel(self._farm, self._run_id, reason)

    def give_up(self) -> None:
        """End the workers; what they ran is lost."""
        self._processes.workers.kill()
        self._processes.workers.wait_stopped()
        with contextlib.suppress(RedisError):
            recover(self._farm, dead_workers=self._processes.workers.names)

    def report(self) -> RunReport:
        """The run as the store has it."""
        with self._farm.store.session() as session:
            return run_report(session, self._run_id)

    def running(self) -> RunningTests:
        """What the workers have now, as Redis knows it."""
        with _outside_named(), self._farm.store.session() as session:
            return running_tests(self._farm.redis, session, self._run_id)

    def usual(self) -> Usual:
        """What the run's tests took in earlier runs of the state directory."""
        with self._farm.store.session() as session:
            return usual_durations(session, self._run_id)

    def _mind_processes(self) -> None:
        self._processes.check_redis()
        self._end_silent_workers()
        died = self._processes.workers.check()
        for name, how in died.items():
            self._say(f"worker {name} died ({how}); its tests run again on another")
        self._processes.workers.start()
        if died or self._now() - self._recovered_at >= RECOVER_EVERY_S:
            recover(self._farm, dead_workers=frozenset(died))
            self._recovered_at = self._now()

    def _publish_due(self) -> None:
        """What waits for its retry, or for its target, is nobody's turn but the clock's."""
        if self._now() - self._published_at >= PUBLISH_EVERY_S:
            self._published_at = self._now()
            release_due(self._farm)
            dispatch(self._farm)
            end_unreachable(self._farm)
            end_unserved(self._farm)

    def _end_silent_workers(self) -> None:
        """A worker that hangs, or was stopped, does not end by itself."""
        if self._now() - self._heard_at >= HEAR_EVERY_S:
            self._heard_at = self._now()
            silent = self._silence.look(heartbeats(self._farm.redis), self._heard_at)
            self._processes.workers.end(silent, f"no heartbeat for {SILENT_S:g} s")

    def _new_events(self) -> tuple[RunEvent, ...]:
        with self._farm.store.session() as session:
            run = load_run(session, self._run_id)
            events = events_after(session, self._run_id, self._seen)
        self._heed_cancel(run)
        if events:
            self._seen = events[-1].seq
            self._processes.workers.proved()
        if any(event.kind is EventKind.RUN_FINISHED for event in events):
            self._release_workers()
        return (*events, *self._new_notice(run))

    def _heed_cancel(self, run: RunRow) -> None:
        """Another process, or the run's deadline, has cancelled it: Redis and the workers are ours to tell."""
        if run.cancelled_ms is None or self._stopping:
            return
        self._stopping = True
        self._say(f"stopping: {one_line(run.stop_reason, MAX_SAID)}; ending the tests in flight")
        if run.state == RunState.CANCELLING:
            carry_out_cancel(self._farm, self._run_id)

    def _new_notice(self, run: RunRow) -> tuple[RunEvent, ...]:
        if run.notice == self._notice:
            return ()
        self._notice = run.notice
        with self._farm.store.session() as session:
            view = run_view(session, self._run_id)
        return (RunEvent(seq=self._seen, kind=EventKind.RUN_NOTICE, run=view),)

    def _release_workers(self) -> None:
        """Let the workers end while the reports are written.

        They sit in a blocking pop and would see the signal only after it, up to a second later: end their wait.
        """
        self._processes.workers.ask_to_stop()
        with contextlib.suppress(RedisError):
            for client in self._farm.redis.client_list():
                if "b" in client["flags"]:
                    self._farm.redis.client_unblock(int(client["id"]))


@contextlib.contextmanager
def open_embedded(processes: Processes, breaker: Terms) -> Iterator[EmbeddedFarm]:
    """Open store and Redis for these processes. `breaker`: when a server counts as unreachable."""
    settings = FarmSettings(
        state_dir=processes.state.root,
        database_url="",
        blob_dir=processes.state.blobs,
        redis_url=processes.redis.url,
        worker_redis_url=processes.redis.url,
        pool=processes.pool,
        shards=processes.size.shards,
        workers=processes.size.workers,
        slots=processes.size.slots,
        breaker=breaker,
        suite_environment=suite_environment(),
    )
    with open_farm(settings) as farm:
        _end_what_others_left(farm, processes.state)
        yield EmbeddedFarm(farm, processes)


def _end_what_others_left(farm: Farm, state: StateDir) -> None:
    """Commands that were killed could not close their runs."""
    dead = state.dead_pools()
    if dead:
        with _outside_named():
            abandon_pools(farm, dead)
        for pool in dead:
            state.forget(pool)


@contextlib.contextmanager
def _outside_named() -> Iterator[None]:
    """Say what failed us: Redis, or the database (its disk is full, another program holds it)."""
    try:
        yield
    except RedisError as error:
        raise FarmUnreachable(f"the embedded Redis does not answer: {error}") from error
    except OperationalError as error:
        raise FarmUnreachable(f"the database in the state directory cannot be used: {error.orig}") from error
