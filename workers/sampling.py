"""Which tests Flower hears of: all of them while they are few, a sample while they are many."""

import time
from collections.abc import Callable

FEW_PER_S = 100
ONE_IN = 20


class Sampler:
    """Picks every test while a worker does fewer than a hundred a second, and one in twenty while it does more."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._second = 0
        self._seen = 0
        self._was_busy = False

    def picks(self) -> bool:
        """True when the test that starts now is to be shown."""
        second = int(self._clock())
        if second != self._second:
            self._was_busy = second == self._second + 1 and self._seen >= FEW_PER_S
            self._second, self._seen = second, 0
        self._seen += 1
        if self._was_busy or self._seen > FEW_PER_S:
            return self._seen % ONE_IN == 0
        return True
