"""The sessions of one suite in one sandbox: warm ones are used again, new ones opened up to a cap, dead ones dropped.

Tests wait here, first come, first served, while all sessions are busy. A start that fails is remembered for a few
seconds, so that many tests of a broken server end at once instead of each waiting for its own time-out.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.errors import ServerUnavailable

if TYPE_CHECKING:  # the SDK is imported late: see workers/loading.py
    from harness.mcp.session import Session

FAILURE_MEMORY_S = 5.0


@dataclass(eq=False)
class Slot:
    """One open session and how often it was used."""

    session: "Session"
    uses: int = 0
    idle_since: float = field(default_factory=time.monotonic)


@dataclass
class StartFailures:
    """The last failed start of one suite's server; shared by all pools of the suite in this process."""

    fault: ServerUnavailable | None = None
    until: float = 0.0

    def remember(self, fault: ServerUnavailable) -> None:
        """Starting again makes no sense for a while."""
        self.fault, self.until = fault, time.monotonic() + FAILURE_MEMORY_S

    def forget(self) -> None:
        """A server started."""
        self.fault = None

    @property
    def recent(self) -> ServerUnavailable | None:
        """The fault, while it is remembered; a copy, because each raiser adds its own traceback."""
        fault = self.fault
        if fault is None or time.monotonic() > self.until:
            return None
        return type(fault)(fault.message, stderr_tail=fault.stderr_tail, exit_text=fault.exit_text)


class SessionPool:
    """Use on one loop. `cap` counts sessions that are open or being opened."""

    def __init__(self, open_one: "Callable[[], Awaitable[Session]]", *, cap: int, failures: StartFailures) -> None:
        self._open_one = open_one
        self._cap = cap
        self._failures = failures
        self._idle: list[Slot] = []  # the one used last stands at the end
        self._waiting: deque[asyncio.Future[Slot | None]] = deque()
        self._closing: set[asyncio.Task[None]] = set()
        self._open = 0
        self.used_at = time.monotonic()

    @property
    def size(self) -> int:
        """Sessions that are open or being opened."""
        return self._open

    @property
    def is_unused(self) -> bool:
        """True when nothing is open and nobody waits."""
        return not self._open and not self._waiting

    @property
    def oldest_idle(self) -> Slot | None:
        """The session that has been idle longest."""
        return self._idle[0] if self._idle else None

    async def acquire(self) -> Slot:
        """A session for one test, warm if there is one. Raises ServerUnavailable, and what opening raises."""
        while True:
            if slot := self._take_warm():
                return slot
            if self._may_open():
                try:
                    return await self._open_slot()
                except ServerUnavailable:
                    if not self._open:
                        raise  # else another one lives, or is about to: wait for it
            if slot := await self._wait():
                return slot

    async def acquire_fresh(self) -> Slot:
        """A session that nothing was called on. Makes room by closing an idle one where the cap asks for it."""
        while True:
            if not self._open < self._cap and self._idle:
                self.close_slot(self._idle.pop(0))
            if self._may_open():
                return await self._open_slot()
            if slot := await self._wait():
                self.close_slot(slot)

    def release(self, slot: Slot) -> None:
        """The test is over and its session is well: the next one may have it."""
        self.used_at = slot.idle_since = time.monotonic()
        if not slot.session.alive:
            self.close_slot(slot)
        elif not self._pass_on(slot):
            self._idle.append(slot)

    def close_slot(self, slot: Slot) -> None:
        """Close a session that is not idle, in the background; whoever waits may open another."""
        self.used_at = time.monotonic()
        task = asyncio.ensure_future(slot.session.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        self._gone()

    def close_idle(self, before: float) -> None:
        """Close what has been idle since before `before` (monotonic), and what died meanwhile."""
        idle, self._idle = self._idle, []
        for slot in idle:
            if slot.idle_since < before or not slot.session.alive:
                self.close_slot(slot)
            else:
                self._idle.append(slot)

    def close_oldest(self) -> None:
        """Close the session that has been idle longest."""
        self.close_slot(self._idle.pop(0))

    async def wait_closed(self) -> None:
        """Close the idle ones and wait for all that is closing."""
        self.close_idle(before=float("inf"))
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _take_warm(self) -> Slot | None:
        while self._idle:
            slot = self._idle.pop()
            if slot.session.alive:
                return slot
            self.close_slot(slot)
        return None

    def _may_open(self) -> bool:
        """Raises the remembered failure when no session is left that could be waited for."""
        failure = self._failures.recent
        if failure is not None and not self._open:
            raise failure
        return failure is None and self._open < self._cap

    async def _open_slot(self) -> Slot:
        self._open += 1
        try:
            session = await self._open_one()
        except ServerUnavailable as fault:
            self._failures.remember(fault)
            self._gone()
            raise
        except BaseException:
            self._gone()
            raise
        self._failures.forget()
        return Slot(session)

    async def _wait(self) -> Slot | None:
        """The next free session, or None when it is time to look again."""
        turn: asyncio.Future[Slot | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_up(turn.result())
            raise

    def _give_up(self, slot: Slot | None) -> None:
        """Somebody was cancelled in the moment in which it was served: serve the next one."""
        if slot is None:
            self._pass_on(None)
        else:
            self.release(slot)

    def _gone(self) -> None:
        """One session less: those who wait may open another, or learn that there is none."""
        self._open -= 1
        if self._open:
            self._pass_on(None)
            return
        while self._pass_on(None):
            pass

    def _pass_on(self, slot: Slot | None) -> bool:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(slot)
                return True
        return False
