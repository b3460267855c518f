"""Follows a run on a farm: a thread reads its events, resuming where a dropped connection left off."""

import queue
import threading
import time
from collections.abc import Callable

from harness.errors import FarmError, FarmUnreachable
from harness.models.run import EventKind, RunEvent, RunningTests, RunReport
from scheduler.console.cli.farm_client import FarmClient
from scheduler.reports.usual import Usual

SILENCE_S = 60.0
"""Without any contact for this long, the farm is called unreachable."""
STATUS_S = 1.0
FIRST_PAUSE_S, MAX_PAUSE_S = 0.2, 5.0


class FarmRun:
    """A FollowedRun that lives on a farm. The reading thread ends with the run, or with this process."""

    def __init__(
        self,
        client: FarmClient,
        run_id: str,
        *,
        silence_s: float = SILENCE_S,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._run_id = client, run_id
        self._silence_s, self._now, self._pause = silence_s, now, pause
        self._arrived: queue.SimpleQueue[RunEvent | FarmError] = queue.SimpleQueue()
        self._running, self._asks = RunningTests(), False
        threading.Thread(target=self._read, daemon=True, name="farm-events").start()

    @property
    def run_id(self) -> str:
        """The run's id on the farm."""
        return self._run_id

    def wait(self, timeout_s: float) -> tuple[RunEvent, ...]:
        """Events that arrived; FarmUnreachable or FarmRefused when no more can come."""
        events = []
        try:
            events.append(self._next(timeout_s))
            while len(events) < 500:
                events.append(self._next(0))
        except queue.Empty:
            pass
        return tuple(events)

    def cancel(self, reason: str) -> None:
        """Ask the farm to cancel the run."""
        self._client.cancel(self._run_id, reason)

    def give_up(self) -> None:
        """Stop following; the farm itself goes on."""

    def report(self) -> RunReport:
        """The farm's report of now."""
        return self._client.report(self._run_id)

    def running(self) -> RunningTests:
        """What the farm's workers ran when it was last asked; asking is done elsewhere, so that nobody waits."""
        if not self._asks:
            self._asks = True
            threading.Thread(target=self._ask, daemon=True, name="farm-status").start()
        return self._running

    def usual(self) -> Usual:
        """A farm does not tell."""
        return Usual()

    def _ask(self) -> None:
        while True:
            try:
                self._running = self._client.status(self._run_id).running
            except FarmError:
                self._running = RunningTests()
            self._pause(STATUS_S)

    def _next(self, timeout_s: float) -> RunEvent:
        arrived = self._arrived.get(block=timeout_s > 0, timeout=timeout_s or None)
        if isinstance(arrived, FarmError):
            raise arrived
        return arrived

    def _read(self) -> None:
        contact = _Contact(self._now)
        seen = 0
        while True:
            try:
                for event in self._client.events(self._run_id, seen, on_open=contact.made):
                    seen = event.seq
                    self._arrived.put(event)
                    if event.kind is EventKind.RUN_FINISHED:
                        return
            except FarmUnreachable as error:
                if contact.silence_s() > self._silence_s:
                    self._arrived.put(error)
                    return
            except FarmError as error:
                self._arrived.put(error)
                return
            self._pause(contact.next_pause_s())


class _Contact:
    """When the farm was last heard, and how long to wait before the next try."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lost_at: float | None = now()
        self._pause_s = FIRST_PAUSE_S

    def made(self) -> None:
        self._lost_at, self._pause_s = None, FIRST_PAUSE_S

    def silence_s(self) -> float:
        """Seconds since the connection was lost; the first call after a contact starts the count."""
        if self._lost_at is None:
            self._lost_at = self._now()
        return self._now() - self._lost_at

    def next_pause_s(self) -> float:
        pause_s, self._pause_s = self._pause_s, min(MAX_PAUSE_S, 2 * self._pause_s)
        return pause_s
