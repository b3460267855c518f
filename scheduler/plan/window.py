"""How many tests may wait in the queues, and whose turn it is. Pure.

One mechanism for four things: bounded Redis, quick cancel, fairness between runs, concurrency per server.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

MIN_WINDOW = 64
SLOTS_FACTOR = 4


@dataclass(frozen=True, slots=True)
class Demand:
    """Somebody with ready tests: how many units of it are in flight, and how many may be."""

    in_flight: int
    cap: int

    @property
    def room(self) -> int:
        """How many more it may get."""
        return max(0, self.cap - self.in_flight)


def window(live_slots: int) -> int:
    """Units that may be published or running at a time in a pool with `live_slots` slots."""
    return max(MIN_WINDOW, SLOTS_FACTOR * live_slots)


def allot(free: int, demands: Sequence[Demand]) -> list[int]:
    """Give out `free` units one by one: to whoever has the fewest in flight, the first of equals, up to its cap."""
    given = [0] * len(demands)
    heap = [(demand.in_flight, index) for index, demand in enumerate(demands) if demand.room]
    heapq.heapify(heap)
    for _ in range(free):
        if not heap:
            break
        in_flight, index = heap[0]
        given[index] += 1
        if given[index] < demands[index].room:
            heapq.heapreplace(heap, (in_flight + 1, index))
        else:
            heapq.heappop(heap)
    return given
