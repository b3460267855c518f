"""Is this worker of use? Alive means: it takes tests whenever tests wait and slots are free. Decides nothing else."""

import time
from collections.abc import Callable, Sequence
from typing import cast

import redis

STALLED_S = 60.0


class Consumption:
    """Sees whether messages that wait get taken. `took`, `began` and `ended` are called on the loop."""

    def __init__(self, queues: Sequence[str], slots: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._queues = queues
        self._slots = slots
        self._clock = clock
        self._took_at = clock()
        self._idle_since: float | None = None
        self._closing = False
        self.in_flight = 0
        self.taken = 0

    def began(self) -> None:
        """A message came."""
        self._took_at = self._clock()
        self.in_flight += 1
        self.taken += 1

    def ended(self) -> None:
        """Its test ended."""
        self.in_flight -= 1

    def close(self) -> None:
        """No messages are taken any more, on purpose."""
        self._closing = True

    def look(self, client: redis.Redis) -> None:
        """Ask Redis whether anything waits that a free slot could take. Raises redis errors."""
        with client.pipeline(transaction=False) as pipe:
            for queue in self._queues:
                pipe.llen(queue)
            waiting = sum(cast(list[int], pipe.execute()))
        self.note(waiting)

    def note(self, waiting: int) -> None:
        """`waiting` messages are in our queues now."""
        if not waiting or self.in_flight >= self._slots:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = self._clock()

    def is_stalled(self) -> bool:
        """True when for a minute tests waited, slots were free, and no message came."""
        if self._idle_since is None or self._closing:
            return False
        return self._clock() - max(self._idle_since, self._took_at) > STALLED_S
