"""Is this worker sick, or are the servers that it is given? Pure: counts errors that no server explains.

A target that is broken for everybody looks the same from here. A canary, the call of a built-in good server, tells
the two apart: while it sings, errors are the servers' own.
"""

import time
from collections.abc import Callable

SICK_ERRORS = 5
SICK_TARGETS = 2
TRUSTED_S = 5.0


class Sickness:
    """Five errors in a row over at least two targets, each with a dead canary: the worker is sick."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._trusted_until = clock()
        self._errors = 0
        self._targets: set[str] = set()

    @property
    def is_sick(self) -> bool:
        """Whether it should take itself out."""
        return self._errors >= SICK_ERRORS and len(self._targets) >= SICK_TARGETS

    @property
    def needs_canary(self) -> bool:
        """False while one that sang is not long ago."""
        return self._clock() >= self._trusted_until

    def server_explained(self) -> None:
        """A server could be started and talked to, whatever became of the test."""
        self._errors = 0
        self._targets.clear()

    def canary_sang(self) -> None:
        """The error is the server's."""
        self.server_explained()
        self._trusted_until = self._clock() + TRUSTED_S

    def canary_died(self, target: str) -> None:
        """An error of a test of `target` may well be ours."""
        self._errors += 1
        self._targets.add(target)
