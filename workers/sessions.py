"""Where tests get their sessions: one pool per suite and run, one per group; never shared between runs.

Each pool has a sandbox of its own, made when it is first needed and removed with the pool: a suite's when nothing used
it for a while, a group's when the group ends. Warm sessions over the limit of the process are closed, longest idle
first; those of groups are left alone, because a group's state may live in its session.
"""

import asyncio
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from harness.leasing import AttemptContext, LeasedSession
from harness.log import get_logger
from harness.mcp.sandbox import Sandbox
from harness.models.job import PlannedTest, SuitePlan
from harness.models.suite import Isolation
from workers.session_pool import SessionPool, StartFailures

if TYPE_CHECKING:  # the SDK is imported late: see workers/loading.py
    from harness.mcp.session import Session

log = get_logger("sessions")

REAP_EVERY_S = 1.0
CLOSE_WITHIN_S = 4.0


class Opener(Protocol):
    """What starts servers and fills sandboxes."""

    async def make_sandbox(self, plan: SuitePlan, token: str) -> Sandbox:
        """A new private directory with the plan's files. Raises BlobMissing or FarmUnreachable."""

    async def open_session(self, plan: SuitePlan, sandbox: Sandbox) -> "Session":
        """A new server and a session with it. Raises ServerUnavailable."""

    async def remove_sandbox(self, sandbox: Sandbox) -> None:
        """Delete the directory."""


class PoolKey(NamedTuple):
    """Who may share sessions: tests of one suite in one run; the members of one group under one lease."""

    run_id: str
    plan: str
    group: str = ""
    lease: int = 0
    secrets: str = ""


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

    def lease(self, test: PlannedTest, plan: SuitePlan, context: AttemptContext) -> "_Lease":
        """A warm session, or a new one; for `isolation: fresh` and retries always a new one, closed afterwards."""
        fresh = _wants_its_own(test, context)
        return _Lease(self, self._place(test, plan, context), fresh=fresh, keep=not fresh)

    def lease_fresh(self, test: PlannedTest, plan: SuitePlan, context: AttemptContext) -> "_Lease":
        """A new session; kept for others afterwards when it is well."""
        place = self._place(test, plan, context)
        return _Lease(self, place, fresh=True, keep=not _wants_its_own(test, context))

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

        async def open_one() -> "Session":
            return await self._opener.open_session(plan, await asyncio.shield(sandbox))

        cap = 1 if key.group else min(self._limits.per_target, plan.max_concurrency)
        failures = self._failures.setdefault((key.run_id, key.plan), StartFailures())
        return _Place(SessionPool(open_one, cap=cap, failures=failures), sandbox)

    def close_surplus(self) -> None:
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
    return PoolKey(context.run_id, context.plan, secrets=context.secrets_version)


def _wants_its_own(test: PlannedTest, context: AttemptContext) -> bool:
    """A group that is tried again has a new sandbox and session as it is."""
    return test.isolation is Isolation.FRESH or (context.fresh and not test.group)


class _Lease:
    """One test's hold on a session. A session that is left by an exception may be in any state: it is not used again.

    A class, not a generator: this is on the path of every test.
    """

    __slots__ = ("_fresh", "_keep", "_place", "_sessions", "_slot")

    def __init__(self, sessions: Sessions, place: _Place, *, fresh: bool, keep: bool) -> None:
        self._sessions = sessions
        self._place = place
        self._fresh = fresh
        self._keep = keep

    async def __aenter__(self) -> LeasedSession:
        asked_at = time.monotonic()
        place = self._place
        place.leases += 1
        try:
            slot = self._slot = await (place.pool.acquire_fresh() if self._fresh else place.pool.acquire())
        except BaseException:
            self._leave()
            raise
        slot.uses += 1
        return LeasedSession(
            session=slot.session,
            sandbox=place.sandbox.result(),
            wait_s=time.monotonic() - asked_at,
            started_for_us=slot.uses == 1,
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._keep:
            self._place.pool.release(self._slot)
        else:
            self._place.pool.close_slot(self._slot)
        self._leave()

    def _leave(self) -> None:
        self._place.leases -= 1
        self._place.used_at = time.monotonic()
        self._sessions.close_surplus()
