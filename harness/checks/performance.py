"""The checks on time, throughput, memory and CPU of one test: limits and what was measured → what does not hold. Pure.

Percentiles are by nearest rank (https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method): a value that was
really measured, never one between two.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from harness.models.attempt import CheckFailure, Samples, Usage
from harness.models.performance import Performance

MIB = 1024 * 1024
PERCENTILES = (("p50_ms", 0.50), ("p90_ms", 0.90), ("p95_ms", 0.95), ("p99_ms", 0.99))


@dataclass(frozen=True)
class Measured:
    """What the calls of one test brought. `durations_s` of all that were answered, `took_s` from first to last."""

    durations_s: Sequence[float]
    calls: int
    passed: int
    took_s: float
    usage: Usage | None = None

    @property
    def samples(self) -> Samples:
        """In brief, for the record. All zero when nothing was answered."""
        in_order = sorted(self.durations_s)
        p50, p90, p95, p99 = (percentile(in_order, share) for _, share in PERCENTILES)
        return Samples(
            calls=self.calls,
            passed=self.passed,
            p50_s=p50,
            p90_s=p90,
            p95_s=p95,
            p99_s=p99,
            max_s=in_order[-1] if in_order else 0.0,
            ops_per_s=self.ops_per_s,
        )

    @property
    def ops_per_s(self) -> float:
        """Answered calls a second."""
        return len(self.durations_s) / self.took_s if self.took_s > 0 else 0.0


def percentile(in_order: Sequence[float], share: float) -> float:
    """The nearest rank; 0 of nothing."""
    return in_order[max(0, ceil(share * len(in_order)) - 1)] if in_order else 0.0


def judge_performance(limits: Performance, measured: Measured) -> tuple[CheckFailure, ...]:
    """The limits that do not hold, in the order of the suite format."""
    return tuple(_failures(limits, measured))


def not_measured(limits: Performance, measured: Measured) -> tuple[str, ...]:
    """The keys of limits that nothing was measured for: they neither hold nor fail, which must be said."""
    usage = measured.usage
    needed = (
        ("max_memory_mb", limits.max_memory_mb, usage and usage.memory_peak_bytes),
        ("max_cpu_seconds", limits.max_cpu_seconds, usage and usage.cpu_s),
        ("max_cpu_percent", limits.max_cpu_percent, usage and usage.cpu_s),
    )
    return tuple(key for key, limit, found in needed if limit is not None and found is None)


def _failures(limits: Performance, measured: Measured) -> Iterator[CheckFailure]:
    in_order = sorted(measured.durations_s)
    if limits.max_duration_ms is not None and in_order:
        yield from _above("max_duration_ms", limits.max_duration_ms, in_order[-1] * 1000, "ms")
    for key, share in PERCENTILES if limits.percentiles and in_order else ():
        limit = getattr(limits.percentiles, key)
        if limit is not None:
            yield from _above(f"percentiles.{key}", limit, percentile(in_order, share) * 1000, "ms")
    if limits.min_ops_per_sec is not None:
        yield from _below("min_ops_per_sec", limits.min_ops_per_sec, measured.ops_per_s, "calls/s")
    if limits.min_success_rate is not None:
        yield from _below("min_success_rate", limits.min_success_rate, measured.passed / max(1, measured.calls), "")
    yield from _usage_failures(limits, measured)


def _usage_failures(limits: Performance, measured: Measured) -> Iterator[CheckFailure]:
    usage = measured.usage
    if usage is None:
        return
    if limits.max_memory_mb is not None and usage.memory_peak_bytes is not None:
        yield from _above("max_memory_mb", limits.max_memory_mb, usage.memory_peak_bytes / MIB, "MiB")
    if usage.cpu_s is None:
        return
    if limits.max_cpu_seconds is not None:
        yield from _above("max_cpu_seconds", limits.max_cpu_seconds, usage.cpu_s, "s")
    if limits.max_cpu_percent is not None and measured.took_s > 0:
        yield from _above("max_cpu_percent", limits.max_cpu_percent, 100 * usage.cpu_s / measured.took_s, "%")


def _above(key: str, limit: float, found: float, unit: str) -> Iterator[CheckFailure]:
    if found > limit:
        yield _failure(key, f"at most {_plain(limit, unit)}", _plain(found, unit))


def _below(key: str, limit: float, found: float, unit: str) -> Iterator[CheckFailure]:
    if found < limit:
        yield _failure(key, f"at least {_plain(limit, unit)}", _plain(found, unit))


def _failure(key: str, expected: str, actual: str) -> CheckFailure:
    return CheckFailure(check="performance", path=key, expected=expected, actual=actual)


def _plain(value: float, unit: str) -> str:
    return f"{value:.4g} {unit}".strip() if value < 10_000 else f"{value:.0f} {unit}".strip()
