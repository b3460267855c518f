"""The limits that docs/performance.md promises, and which figures break them. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """What a figure must keep: at least `low`, at most `high`."""

    low: float = float("-inf")
    high: float = float("inf")

    def holds(self, value: float) -> bool:
        """False for NaN, too: what was not measured keeps no limit."""
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"at least {self.low:g}" if self.high == float("inf") else f"at most {self.high:g}"


LIMITS: Mapping[str, Limit] = {
    "help_cpu_s": Limit(high=0.1),
    "wall_ratio": Limit(high=2),
    "ratio_to_stock": Limit(low=0.8),
    "ratio_to_stock_of_5000": Limit(low=0.8),
}
"""By the name of the figure."""


def broken_limits(figures: Mapping[str, float], limits: Mapping[str, Limit] = LIMITS) -> Iterator[str]:
    """A line for each of `figures` that is beyond its limit; figures without one are free."""
    for name, value in figures.items():
        if name in limits and not limits[name].holds(value):
            yield f"{name}: expected {limits[name]}, got {value:.3f}"
