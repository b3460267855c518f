"""How many tests may be published or running in a pool at a time. Pure.

One mechanism for three things: bounded Redis, quick cancel, and fairness between runs, which is decided when a test is
published. Deep enough that no worker waits for the next test.
"""

from dataclasses import dataclass
from math import ceil

MIN_WINDOW = 64
SLOTS_FACTOR = 4
AHEAD_S = 1.0
INTERACTIVE_SHARE = 0.8
"""Of the slots, while other runs wait, too: the rest goes on with them."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a pool can do: tests at a time, and tests in a second as measured of late."""

    slots: int = 0
    per_s: float = 0.0


def window(pace: Pace) -> int:
    """Units that may be published or running in the pool: four times its slots, and what it does in a second."""
    return max(MIN_WINDOW, SLOTS_FACTOR * pace.slots, ceil(AHEAD_S * pace.per_s))


def interactive_window(pace: Pace) -> int:
    """Units of interactive runs that go before all others."""
    return max(1, int(INTERACTIVE_SHARE * pace.slots))
