"""What tests took in earlier runs: what is slow, and when a run may end, are told by it. Pure."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ENOUGH = 5
"""Runs that a test must have had for its p95 to mean anything."""


@dataclass(frozen=True)
class Usual:
    """Seconds, by test id: the median of earlier runs, and what 95 of 100 runs stayed below. `run_s`: the whole run."""

    median_s: Mapping[str, float] = field(default_factory=dict)
    p95_s: Mapping[str, float] = field(default_factory=dict)
    run_s: float | None = None


def usual_of(seconds: Mapping[str, Sequence[float]], run_s: float | None = None) -> Usual:
    """From what each test took in earlier runs that it passed."""
    return Usual(
        {test_id: statistics.median(taken) for test_id, taken in seconds.items() if taken},
        {test_id: _p95(taken) for test_id, taken in seconds.items() if len(taken) >= ENOUGH},
        run_s,
    )


def _p95(seconds: Sequence[float]) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
