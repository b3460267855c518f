"""What passes between the pool and the coroutines that it runs. Knows neither Celery nor tests."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class EndedBy(StrEnum):
    """Who cancelled a coroutine that did not end by itself."""

    TIME_LIMIT = "time limit"
    REVOKED = "revoked"
    HANDED_BACK = "handed back"  # the worker shuts down; the message returns to its queue


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a coroutine returns: shown in Flower as the result, or as the text of a failure. Neither is retried."""

    ok: bool
    shown: str


class NotPassed(Exception):
    """Raised nowhere: Celery's events show a failed test as this exception with its cause."""


@dataclass(frozen=True, slots=True)
class Failure:
    """As much of Celery's ExceptionInfo as its Request reads."""

    exception: Exception
    traceback: str = ""


@dataclass(eq=False, slots=True)
class Job:
    """One task in flight. The coroutine gets it first, and may look at `ended_by` when it is cancelled.

    It sets `settling` when it no longer wants to be cancelled, because it is writing what became of the task.
    """

    number: int
    coroutine: Callable[..., Coroutine[Any, Any, Outcome]]
    args: tuple[Any, ...]
    timeout_s: float | None
    on_accepted: Callable[[int, float], None]
    on_result: Callable[[tuple[int, Any, float]], None]
    on_timeout: Callable[[bool, float], None]
    ended_by: EndedBy | None = None
    settling: bool = False
    outcome: Outcome | None = None
    begun: float = 0.0
    runtime_s: float = 0.0
    task: "asyncio.Task[Outcome] | None" = None
    limit: asyncio.TimerHandle | None = None


class Service(Protocol):
    """What lives on the loop as long as the pool does: connections, sessions. `app.service` of the Celery app."""

    @property
    def grace_s(self) -> float:
        """For how long, after SIGTERM, running tasks may go on."""

    async def start(self) -> None:
        """Make ready; an exception ends the worker."""

    async def warm_up(self) -> None:
        """Called once tasks are consumed: make ready what the first of them will need."""

    def close(self) -> None:
        """No new work comes; what runs may end."""

    async def stop(self) -> None:
        """Close everything, in bounded time."""
