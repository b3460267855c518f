"""Imports what runs tests (engine, checks, the SDK) in a thread, once the worker has begun to consume.

They cost as much to import as all the rest. So the worker announces itself and takes its first message earlier.
"""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from harness.leasing import AttemptContext, SessionSource
from harness.models.attempt import AttemptRecord
from harness.models.job import PlannedTest, SuitePlan

if TYPE_CHECKING:
    from harness.mcp.session import Session

RunTest = Callable[[PlannedTest, SuitePlan, SessionSource, AttemptContext], Awaitable[AttemptRecord]]


@dataclass(frozen=True)
class Engine:
    """`harness.engine.run_test` and `harness.mcp.opening.open_session`."""

    run_test: RunTest
    open_session: "Callable[..., Awaitable[Session]]"


class EngineLoader:
    """One per process, on its loop. Who asks first begins the loading; all others wait for it."""

    def __init__(self) -> None:
        self._loading: asyncio.Future[Engine] | None = None

    async def get(self) -> Engine:
        """The engine. Raises ImportError in a broken installation."""
        if self._loading is None:
            self._loading = asyncio.ensure_future(asyncio.to_thread(_import_engine))
        return self._loading.result() if self._loading.done() else await asyncio.shield(self._loading)


def _import_engine() -> Engine:
    engine: Any = import_module("harness.engine")
    opening: Any = import_module("harness.mcp.opening")
    gc.freeze()  # what is imported stays: the collector need not look at it again and again
    return Engine(engine.run_test, opening.open_session)
