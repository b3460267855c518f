"""Where tests get their sessions: one pool per suite and run, one per group; never shared between runs.

Each pool has a sandbox of its own, made when it is first needed and removed with the pool: a suite's when nothing used
it for a while, a group's when the group ends. Warm sessions over the limit of the process are closed, longest idle
first; those of groups are left alone, because a group's state may live in its session.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import structlog

from harness.engine import AttemptContext, LeasedSession
from harness.mcp.sandbox import Sandbox
from harness.mcp.session import Session
from harness.models.job import PlannedTest, SuitePlan
from harness.models.suite import Isolation
from workers.session_pool import SessionPool, Slot, StartFailures

log = structlog.get_logger("sessions")

REAP_EVERY_S = 1.0
CLOSE_WITHIN_S = 4.0


class Opener(Protocol):
    """What starts servers and fills sandboxes."""

    async def make_sandbox(self, plan: SuitePlan, token: str) -> Sandbox:
        """A new private directory with the plan's files. Raises BlobMissing or FarmUnreachable."""

    async def open_session(self, plan: SuitePlan, sandbox: Sandbox) -> Session:
        """A new server and a session with it. Raises ServerUnavailable."""

    async def remove_sandbox(self, sandbox: Sandbox) -> None:
        """Delete the directory."""


class PoolKey(NamedTuple):
    """Who may share sessions: tests of one suite in one run; the members of one group under one lease."""

    run_id: str
    plan: str
    group: str = ""
    lease: int = 0


@dataclass(frozen=True)
class Limits:
    """How many sessions, and for how long."""

    per_target: int
    total: int
    idle_s: float


@dataclass(eq=False)
class _Place:
    """A pool, and the sandbox that all its sessions run in."""

    pool: SessionPool
    sandbox: "asyncio.Task[Sandbox]"
    leases: int = 0
    used_at: float = field(default_factory=time.monotonic)


class Sessions:
    """The engine's SessionSource. Use on one loop, between `start` and `stop`."""

    def __init__(self, opener: Opener, limits: Limits) -> None:
        self._opener = opener
        self._limits = limits
        self._places: dict[PoolKey, _Place] = {}
        self._failures: dict[tuple[str, str], StartFailures] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._reaper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for what is idle."""
        self._reaper = asyncio.get_running_loop().create_task(self._reap())

    @asynccontextmanager
    async def lease(self, test: PlannedTest, plan: SuitePlan, context: AttemptContext) -> AsyncIterator[LeasedSession]:
        """A warm session, or a new one; for `isolation: fresh` always a new one, closed afterwards."""
        place = self._place(test, plan, context)
        fresh = test.isolation is Isolation.FRESH
        async with self._leased(
            place, place.pool.acquire_fresh if fresh else place.pool.acquire, keep=not fresh
        ) as leased:
            yield leased

    @asynccontextmanager
    async def lease_fresh(
        self, test: PlannedTest, plan: SuitePlan, context: AttemptContext
    ) -> AsyncIterator[LeasedSession]:
        """A new session; kept for others afterwards when it is well."""
        place = self._place(test, plan, context)
        keep = test.isolation is not Isolation.FRESH
        async with self._leased(place, place.pool.acquire_fresh, keep=keep) as leased:
            yield leased

    def end_group(self, key: PoolKey) -> None:
        """The group is over here: close its session and remove its sandbox, in the background."""
        if place := self._places.pop(key, None):
            self._end(place)

    async def stop(self) -> None:
        """Close all sessions and remove all sandboxes, within a few seconds."""
        if self._reaper is not None:
            self._reaper.cancel()
        places, self._places = list(self._places.values()), {}
        for place in places:
            self._end(place)
        if self._ending:
            await asyncio.wait(self._ending, timeout=CLOSE_WITHIN_S)

    def _place(self, test: PlannedTest, plan: SuitePlan, context: AttemptContext) -> _Place:
        key = pool_key(test, context)
        if key not in self._places:
            self._places[key] = self._new_place(key, plan, context.token)
        return self._places[key]

    def _new_place(self, key: PoolKey, plan: SuitePlan, token: str) -> _Place:
        sandbox = asyncio.ensure_future(self._opener.make_sandbox(plan, token))

        async def open_one() -> Session:
            return await self._opener.open_session(plan, await asyncio.shield(sandbox))

        cap = 1 if key.group else min(self._limits.per_target, plan.max_concurrency)
        failures = self._failures.setdefault((key.run_id, key.plan), StartFailures())
        return _Place(SessionPool(open_one, cap=cap, failures=failures), sandbox)

    @asynccontextmanager
    async def _leased(
        self, place: _Place, acquire: Callable[[], Awaitable[Slot]], *, keep: bool
    ) -> AsyncIterator[LeasedSession]:
        asked_at = time.monotonic()
        place.leases += 1
        try:
            slot = await acquire()
            async with _in_use(place.pool, slot, keep=keep):
                yield LeasedSession(
                    session=slot.session,
                    sandbox=place.sandbox.result(),
                    wait_s=time.monotonic() - asked_at,
                    started_for_us=slot.uses == 1,
                )
        finally:
            place.leases -= 1
            place.used_at = time.monotonic()
            self._close_surplus()

    def _close_surplus(self) -> None:
        """Keep the process within its number of sessions, as far as they are idle and of no group."""
        surplus = sum(place.pool.size for place in self._places.values()) - self._limits.total
        while surplus > 0 and (pool := self._longest_idle()):
            pool.close_oldest()
            surplus -= 1

    def _longest_idle(self) -> SessionPool | None:
        idle = [
            (slot.idle_since, place.pool)
            for key, place in self._places.items()
            if not key.group and (slot := place.pool.oldest_idle)
        ]
        return min(idle, key=lambda found: found[0])[1] if idle else None

    async def _reap(self) -> None:
        while True:
            await asyncio.sleep(REAP_EVERY_S)
            before = time.monotonic() - self._limits.idle_s
            for key, place in list(self._places.items()):
                if key.group:
                    continue
                place.pool.close_idle(before)
                if not place.leases and place.pool.is_unused and place.used_at < before:
                    self._end(self._places.pop(key))
            self._forget_failures()

    def _forget_failures(self) -> None:
        used = {(key.run_id, key.plan) for key in self._places}
        self._failures = {key: known for key, known in self._failures.items() if key in used or known.recent}

    def _end(self, place: _Place) -> None:
        task = asyncio.ensure_future(self._end_place(place))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end_place(self, place: _Place) -> None:
        await place.pool.wait_closed()
        try:
            sandbox = await place.sandbox
        except Exception as error:  # it was never made; its tests have said so
            log.info("sandbox.never_made", error=str(error))
        else:
            await self._opener.remove_sandbox(sandbox)


def pool_key(test: PlannedTest, context: AttemptContext) -> PoolKey:
    """Whose sessions `test` may use."""
    if test.group:
        return PoolKey(context.run_id, context.plan, test.group, context.lease)
    return PoolKey(context.run_id, context.plan)


@asynccontextmanager
async def _in_use(pool: SessionPool, slot: Slot, *, keep: bool) -> AsyncIterator[None]:
    """A session that was left by an exception may be in any state: it is not used again."""
    slot.uses += 1
    try:
        yield
    except BaseException:
        pool.close_slot(slot)
        raise
    if keep:
        pool.release(slot)
    else:
        pool.close_slot(slot)
