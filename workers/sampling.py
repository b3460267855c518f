"""Which tests Flower hears of: all of them while they are few, a sample while they are many."""

import time
from collections.abc import Callable

ALL_BELOW_PER_S = 100
ONE_IN = 20


class Sampler:
    """Picks every test of a second up to a hundred, and one in twenty of those beyond."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._second = 0
        self._seen = 0

    def picks(self) -> bool:
        """True when the test that starts now is to be shown."""
        second = int(self._clock())
        if second != self._second:
            self._second, self._seen = second, 0
        self._seen += 1
        return self._seen <= ALL_BELOW_PER_S or self._seen % ONE_IN == 0
