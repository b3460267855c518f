"""Limits on time, throughput, memory and CPU: each holds at its edge and fails beyond it."""

import pytest

from harness.checks.performance import MIB, Measured, judge_performance, not_measured
from harness.models.attempt import Usage
from harness.models.performance import Percentiles, Performance

TEN_CALLS = Measured(
    durations_s=[number / 100 for number in range(1, 11)],
    calls=10,
    passed=9,
    took_s=2.0,
    usage=Usage(memory_peak_bytes=64 * MIB, cpu_s=1.0),
)


@pytest.mark.parametrize(
    ("key", "holds", "fails"),
    [
        ("max_duration_ms", 100, 99),
        ("min_ops_per_sec", 5, 5.1),
        ("min_success_rate", 0.9, 0.91),
        ("max_memory_mb", 64, 63),
        ("max_cpu_seconds", 1, 0.9),
        ("max_cpu_percent", 50, 49),
    ],
)
def test_a_limit_holds_at_its_edge_and_fails_beyond_it(key: str, holds: float, fails: float) -> None:
    assert judge_performance(Performance.model_validate({key: holds}), TEN_CALLS) == ()
    assert [f.path for f in judge_performance(Performance.model_validate({key: fails}), TEN_CALLS)] == [key]


@pytest.mark.parametrize(("key", "rank_ms"), [("p50_ms", 50), ("p90_ms", 90), ("p95_ms", 100), ("p99_ms", 100)])
def test_a_percentile_is_a_value_that_was_measured(key: str, rank_ms: float) -> None:
    def failures(limit: float) -> list[str]:
        limits = Performance(percentiles=Percentiles.model_validate({key: limit}))
        return [failure.path for failure in judge_performance(limits, TEN_CALLS)]

    assert failures(rank_ms) == []
    assert failures(rank_ms - 1) == [f"percentiles.{key}"]


def test_what_was_not_measured_is_told_and_does_not_fail() -> None:
    limits = Performance(max_memory_mb=1, max_cpu_seconds=1, max_cpu_percent=1)
    nothing = Measured(durations_s=[0.1], calls=1, passed=1, took_s=0.1)

    assert judge_performance(limits, nothing) == ()
    assert not_measured(limits, nothing) == ("max_memory_mb", "max_cpu_seconds", "max_cpu_percent")
