"""Makes sure that this worker can start servers at all, before it blames one that does not start.

Starts the built-in server of `harness/canary` as a test's server is started: same launcher, keeper, sandbox, session.
"""

import asyncio
import sys
from collections.abc import Callable
from importlib.resources import files

from harness.log import get_logger
from harness.models.attempt import AttemptRecord
from harness.models.job import SuitePlan
from harness.models.outcomes import CauseKind
from harness.models.server import Server
from harness.safe_text import one_line
from workers.sessions import Opener
from workers.sickness import Sickness

log = get_logger("canary")

START_S, CALL_S = 15.0, 5.0
MAX_TROUBLE_CHARS = 300
UNEXPLAINED = frozenset({CauseKind.SERVER_UNAVAILABLE, CauseKind.HARNESS, CauseKind.INFRASTRUCTURE})
"""Causes that may lie in this worker as well as in a server."""

PLAN = SuitePlan(
    project="farm",
    suite="canary",
    target="canary",
    file="",
    server=Server(
        command=sys.executable,
        args=("-I", "-S", str(files("harness.canary").joinpath("server.py"))),
        startup_timeout_seconds=START_S,
    ),
    tests=(),
)


class Canary:
    """Use on one loop. Who asks while one is under way gets its answer."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._under_way: asyncio.Task[str] | None = None

    async def trouble(self) -> str:
        """Why no server can be started here; empty when one can."""
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.ensure_future(self._sing())
        return await asyncio.shield(self._under_way)

    async def _sing(self) -> str:
        try:
            sandbox = await self._opener.make_sandbox(PLAN, "")
            try:
                session = await self._opener.open_session(PLAN, sandbox)
                try:
                    await session.call_tool("sing", {}, timeout_s=CALL_S)
                finally:
                    await session.close()
            finally:
                await self._opener.remove_sandbox(sandbox)
        except Exception as problem:  # whatever it is: it is ours
            return one_line(str(problem) or type(problem).__name__, MAX_TROUBLE_CHARS)
        return ""


class Checkup:
    """Looks at every attempt that was made here. `report_sick` is called once the worker is to take itself out."""

    def __init__(self, canary: Canary, sickness: Sickness, report_sick: Callable[..., None]) -> None:
        self._canary = canary
        self._sickness = sickness
        self._report_sick = report_sick

    async def trouble(self, record: AttemptRecord, target: str) -> str:
        """Why this attempt says nothing of its server; empty when it does, or when nothing suggests otherwise."""
        if record.cause is None or record.cause.kind not in UNEXPLAINED:
            self._sickness.server_explained()
            return ""
        if not self._sickness.needs_canary:
            return ""
        trouble = await self._canary.trouble()
        self._note(trouble, target)
        return trouble

    def _note(self, trouble: str, target: str) -> None:
        if not trouble:
            self._sickness.canary_sang()
            return
        log.warning("canary.died", target=target, trouble=trouble)
        self._sickness.canary_died(target)
        if self._sickness.is_sick:
            self._report_sick("it can start no server any more", trouble=trouble)
