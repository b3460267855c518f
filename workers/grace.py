"""How long the running tasks of a worker that was told to stop may still go on. No I/O; safe within signal handlers."""

import time
from collections.abc import Callable
from typing import Any


class Grace:
    """`length_s` seconds from the first SIGTERM on, or from the first look without one; a second SIGTERM ends it."""

    def __init__(self, length_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._length_s = length_s
        self._clock = clock
        self._ends_at: float | None = None

    def told_to_stop(self, how: str = "", **_: Any) -> None:
        """A receiver of Celery's `worker_shutting_down`, which is sent for every signal."""
        if how == "Warm":
            self._ends_at = self._clock() + (self._length_s if self._ends_at is None else 0.0)

    def is_over(self) -> bool:
        """Whether tasks that still run are to be handed back."""
        if self._ends_at is None:
            self._ends_at = self._clock() + self._length_s
        return self._clock() >= self._ends_at
