"""How many tests may be published or running in a pool at a time. Pure.

One mechanism for three things: bounded Redis, quick cancel, and fairness between runs, which is decided when a test is
published. Deep enough that no worker waits for the next test.
"""

from dataclasses import dataclass
from math import ceil

MIN_WINDOW = 64
SLOTS_FACTOR = 4
AHEAD_S = 1.0
SHARED_AHEAD_S = 0.2
"""Longer than it takes from a record to the next test in the queue."""
MIN_AHEAD = 4
INTERACTIVE_FACTOR = 2
"""Times the slots. Workers take interactive tests first at three of four looks, so that other runs go on."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a pool can do: tests at a time, and tests in a second as measured of late."""

    slots: int = 0
    per_s: float = 0.0


def window(pace: Pace) -> int:
    """Units that may be published or running in the pool: four times its slots, and what it does in a second."""
    return max(MIN_WINDOW, SLOTS_FACTOR * pace.slots, ceil(AHEAD_S * pace.per_s))


def shared_window(pace: Pace) -> int:
    """The same while several projects want the pool: little more than runs at a time.

    What waits in the queues is taken in an order that knows nothing of shares; so little waits there.
    """
    return ceil(pace.slots + max(MIN_AHEAD, SHARED_AHEAD_S * pace.per_s))


def batch_reserve(pace: Pace) -> int:
    """Units that other runs may have in flight however many interactive ones there are."""
    return max(MIN_AHEAD, pace.slots // 4)


def interactive_window(pace: Pace) -> int:
    """Units of interactive runs that are published although the window is full."""
    return INTERACTIVE_FACTOR * pace.slots
