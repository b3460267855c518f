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
        if self.low > float("-inf") and self.high < float("inf"):
            return f"{self.low:g} to {self.high:g}"
        return f"at least {self.low:g}" if self.high == float("inf") else f"at most {self.high:g}"


LIMITS: Mapping[str, Limit] = {
    "help_cpu_s": Limit(high=0.1),
    "wall_ratio": Limit(high=2),
    "ratio_to_stock": Limit(low=0.8),
    "ratio_to_stock_of_5000": Limit(low=0.8),
    "interactive_wait_p95_in_tests": Limit(high=2),
    "light_share_of_slots": Limit(low=0.2, high=0.3),
    "last_start_after_cancel_s": Limit(high=1),
    "last_end_after_cancel_s": Limit(high=3),
    "rss_slope_bytes_per_attempt": Limit(high=20),
    "redis_peak_mb": Limit(high=16),
    "cancel_no_start_s": Limit(high=1),
    "merge_to_bare": Limit(low=0.08),
    "redis_bytes_per_test_published": Limit(high=2_000),
    "redis_bytes_per_test_taken": Limit(high=1_000),
    "redis_bytes_per_test_recorded": Limit(high=3_000),
    "redis_keys_left": Limit(high=20),
    "html_mib_10000": Limit(high=5),
    "html_usable_s_10000": Limit(high=0.5),
    "html_usable_s_100000": Limit(high=1.5),
}
"""By the name of the figure, that of a database left out."""


def limit_of(figure: str, limits: Mapping[str, Limit] = LIMITS) -> Limit | None:
    """What a figure must keep, the same on both databases; None where nothing is promised."""
    return limits.get(figure.removesuffix("_sqlite").removesuffix("_postgresql"))


def broken_limits(figures: Mapping[str, float], limits: Mapping[str, Limit] = LIMITS) -> Iterator[str]:
    """A line for each of `figures` that is beyond its limit; figures without one are free."""
    for name, value in figures.items():
        limit = limit_of(name, limits)
        if limit is not None and not limit.holds(value):
            yield f"{name}: expected {limit}, got {value:.3f}"
