"""Feels the pulse of an event loop: how long it stood still, and when it last ran. Measures, never acts."""

import asyncio
import time
from collections import deque

BEAT_S = 0.02
NOTED_S = 0.005
KEPT = 512


class Pulse:
    """Beats on a loop every 20 ms. `longest_gap_s` is for that loop; `silent_s` may be asked from any thread."""

    def __init__(self) -> None:
        self._gaps: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._last = time.monotonic()
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin, on the running loop."""
        self._last = time.monotonic()
        self._handle = asyncio.get_running_loop().call_later(BEAT_S, self._beat)

    def stop(self) -> None:
        """End."""
        if self._handle is not None:
            self._handle.cancel()

    @property
    def silent_s(self) -> float:
        """Seconds since the loop last ran, as far as the beat can tell."""
        return max(0.0, time.monotonic() - self._last - BEAT_S)

    def longest_gap_s(self, since: float) -> float:
        """The longest stall, in seconds, that touched the time from `since` (monotonic) until now."""
        longest = self.silent_s
        for ended_at, gap_s in reversed(self._gaps):
            if ended_at < since:
                break
            longest = max(longest, gap_s)
        return longest

    def _beat(self) -> None:
        now = time.monotonic()
        gap_s = now - self._last - BEAT_S
        if gap_s > NOTED_S:
            self._gaps.append((now, gap_s))
        self._last = now
        self._handle = asyncio.get_running_loop().call_later(BEAT_S, self._beat)
