"""What a server uses while a test runs: when its keeper is told to look, and what the looks add up to.

A look costs the keeper some 0.1 ms, so a test on a warm session pays for none, as a rule: at most one a second while
calls are short, and more of them, in growing distances, only while a call lasts. Who must know exactly calls `measure`.
"""

import asyncio
import time

from harness.containment.usage import Sample
from harness.mcp.wire import Process
from harness.models.attempt import Usage

STALE_S = 1.0
FIRST_LOOK_S, LAST_LOOK_S = 0.05, 0.5
"""The distance of the looks during a call grows from the first to the last of these."""
MEASURE_WITHIN_S = 1.0


class Meter:
    """Of one session, on one loop."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._looked_at = float("-inf")
        self._first: Sample | None = None
        self._latest: Sample | None = None
        self._peak = Sample(0, 0.0, 0)
        self._calls = 0
        self._began_at = 0.0
        self._due_s = FIRST_LOOK_S
        self._has_timer = False
        self._known: tuple[Sample | None, Usage | None] = (None, None)

    def begin(self) -> None:
        """What comes from now on belongs to another test."""
        self._first = None

    def call_began(self) -> None:
        """A request is being written."""
        self._calls += 1
        if self._calls == 1:
            self._began_at = time.monotonic()
            self._due_s = FIRST_LOOK_S
            if self._began_at - self._looked_at > STALE_S:
                self._look()
            if not self._has_timer:
                self._wake_in(FIRST_LOOK_S)

    def call_ended(self) -> None:
        """Its answer came, or will not come."""
        self._calls -= 1

    async def measure(self) -> None:
        """Look now and wait until it is known; a keeper that does not say within a second is not waited for."""
        if looking := self._look():
            await asyncio.wait([looking], timeout=MEASURE_WITHIN_S)

    def usage(self) -> Usage | None:
        """What was seen since `begin`, or, if nothing was, at the last look before. None where nothing can be seen.

        CPU time is that between the first and the last look since `begin`.
        """
        latest = self._process.sample
        if latest is None:
            return None
        if self._first is None or self._latest is self._first:
            return self._at_rest(latest)
        cpu_s = max(0.0, latest.cpu_s - self._first.cpu_s)
        return Usage(memory_peak_bytes=self._peak.memory_bytes, processes=self._peak.processes, cpu_s=cpu_s)

    def _at_rest(self, latest: Sample) -> Usage | None:
        """The same for many tests in a row, so it is made once."""
        if self._known[0] is not latest:
            self._known = (latest, Usage(memory_peak_bytes=latest.memory_bytes, processes=latest.processes))
        return self._known[1]

    def _look(self) -> "asyncio.Future[Sample | None] | None":
        self._looked_at = time.monotonic()
        looking = self._process.look()
        if looking is not None:
            looking.add_done_callback(self._take)
        return looking

    def _wake_in(self, seconds: float) -> None:
        """The timer outlives short calls, because one for each of them would cost more than all the rest."""
        self._has_timer = True
        asyncio.get_running_loop().call_later(seconds, self._wake)

    def _wake(self) -> None:
        self._has_timer = False
        if not self._calls:
            return
        lasts_s = time.monotonic() - self._began_at
        if lasts_s >= self._due_s:
            self._look()
            self._due_s = lasts_s + min(self._due_s, LAST_LOOK_S)
        self._wake_in(max(0.0, self._due_s - lasts_s))

    def _take(self, looking: "asyncio.Future[Sample | None]") -> None:
        sample = None if looking.cancelled() else looking.result()
        if sample is None:
            return
        if self._first is None:
            self._first = self._peak = sample
        self._latest = sample
        self._peak = Sample(
            max(self._peak.memory_bytes, sample.memory_bytes), 0.0, max(self._peak.processes, sample.processes)
        )
