"""A worker's sign of life: says every 5 s that it lives and what it still holds, on a thread that a busy loop cannot
starve; ends tests whose lease is gone, and ends the process when it cannot do its work any more.

Redis keys: `farm:worker:<name>`, `farm:workers`, `farm:beats` (all through heartbeat.lua). Runs no test.
"""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import redis
from redis.exceptions import RedisError

from harness.log import get_logger
from workers.leases import HEARTBEAT_S, WORKERS, Held, Lease, cancelled_key, heartbeat, worker_key
from workers.time_outs import WATCHDOG_S
from workers.vitals import Vitals

log = get_logger("lifecycle")

CHECK_S = 1.0
LOOP_DEAD_S = 60.0
EXIT_BROKEN = 70


class Lifecycle:
    """The thread. `start` announces the worker; `stop` says farewell. `on_beat` is called on it every 5 s."""

    def __init__(
        self,
        client: redis.Redis,
        worker: str,
        declaration: Mapping[str, str],
        vitals: Vitals,
        on_beat: Callable[[], None],
    ) -> None:
        self._client = client
        self._worker = worker
        self._declaration = declaration
        self._vitals = vitals
        self._on_beat = on_beat
        self._twice = Twice()
        self._hurry = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lifecycle", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin; leases that get lost are told to their holders on `loop`."""
        self._loop = loop
        self._thread.start()

    def retire(self) -> None:
        """Declare no slots any more, within a second: nothing more is to be sent here. Never blocks."""
        self._declaration = {**self._declaration, "slots": "0"}
        self._hurry.set()

    def declare(self, abilities: str) -> None:
        """Say what this worker offers, within a second. Never blocks."""
        self._declaration = {**self._declaration, "abilities": abilities}
        self._hurry.set()

    def stop(self) -> None:
        """Say farewell and end the thread. Blocks for up to the time limit of one Redis command."""
        self._stopping.set()
        self._thread.join()
        try:
            with self._client.pipeline() as pipe:
                pipe.zrem(WORKERS, self._worker)
                pipe.delete(worker_key(self._worker))
                pipe.execute()
        except (RedisError, OSError) as error:
            log.warning("lifecycle.no_farewell", error=str(error))

    def _run(self) -> None:
        try:
            self._watch()
        except Exception as fault:  # the edge of this thread: without it nobody would say that we live
            log.exception("lifecycle.failed")
            _end("its heartbeat failed", error=str(fault)[:200])

    def _watch(self) -> None:
        next_beat = 0.0
        while True:
            if self._hurry.is_set():
                self._hurry.clear()
                next_beat = 0.0
            try:
                if time.monotonic() >= next_beat:
                    self._on_beat()
                    self._beat()
                    next_beat = time.monotonic() + HEARTBEAT_S
                else:
                    self._look_for_cancelled_runs()
            except (RedisError, OSError) as error:
                log.warning("redis.away", error=str(error))
            self._end_if_broken()
            if self._stopping.wait(CHECK_S):
                return

    def _beat(self) -> None:
        """One heartbeat; tells the holders of leases that are no longer ours."""
        declaration = {**self._declaration, "waiting": " ".join(sorted(self._vitals.at_gate))}
        answers = heartbeat(self._client, self._worker, declaration, self._vitals.held.all())
        for lease, held in answers.items():
            if held is not Held.HELD:
                self._lose(lease, held)
        self._vitals.consumption.look(self._client)

    def _look_for_cancelled_runs(self) -> None:
        """Between heartbeats: a cancelled run is to end at once."""
        leases = self._vitals.held.all()
        runs = sorted({lease.run_id for lease in leases})
        if not runs:
            return
        with self._client.pipeline(transaction=False) as pipe:
            for run_id in runs:
                pipe.exists(cancelled_key(run_id))
            cancelled = {run_id for run_id, exists in zip(runs, pipe.execute(), strict=True) if exists}
        for lease in leases:
            if lease.run_id in cancelled:
                self._lose(lease, Held.CANCELLED)

    def _lose(self, lease: Lease, held: Held) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._vitals.held.lose, lease, held)

    def _end_if_broken(self) -> None:
        """Leave the process when tests can no longer end in it: leases bring them back, servers end with us."""
        for reason in self._twice.seen(broken(self._vitals)):
            _end(reason)


def broken(vitals: Vitals) -> frozenset[str]:
    """What keeps tests from ending in this process, as it looks now."""
    found = {
        "the event loop stands still": vitals.pulse.silent_s > LOOP_DEAD_S,
        "a call does not end at its hard limit": vitals.held.overdue_s() > WATCHDOG_S,
        "tests wait, slots are free, and nothing is taken": vitals.consumption.is_stalled(),
    }
    return frozenset(reason for reason, holds in found.items() if holds)


class Twice:
    """Believes what it is told at two looks in a row: a process that was stopped for a while finds all its clocks
    late when it goes on, and sets them right in a moment."""

    def __init__(self) -> None:
        self._before: frozenset[str] = frozenset()

    def seen(self, now: frozenset[str]) -> frozenset[str]:
        """What holds now and held at the look before."""
        again, self._before = now & self._before, now
        return again


def _end(reason: str, **fields: Any) -> None:
    log.critical("worker.broken", reason=reason, **fields)
    os._exit(EXIT_BROKEN)
