"""How fast and how small a test must be: `performance:` of a test, and the same as it travels."""

from pydantic import Field

from harness.models.wire import Authored


class Percentiles(Authored):
    """Limits on the durations of the calls of one test, in milliseconds."""

    p50_ms: float | None = Field(default=None, gt=0, description="milliseconds that 50 % of the calls take at most")
    p90_ms: float | None = Field(default=None, gt=0, description="milliseconds that 90 % of the calls take at most")
    p95_ms: float | None = Field(default=None, gt=0, description="milliseconds that 95 % of the calls take at most")
    p99_ms: float | None = Field(default=None, gt=0, description="milliseconds that 99 % of the calls take at most")


class Performance(Authored):
    """Limits on one test. Durations are those stamped beside the server; all calls of `iterations` count.

    Every key that is given is checked.
    """

    max_duration_ms: float | None = Field(
        default=None, gt=0, le=3_600_000, description="milliseconds that every call may take"
    )
    percentiles: Percentiles | None = Field(default=None, description="over the iterations (nearest rank)")
    min_ops_per_sec: float | None = Field(default=None, gt=0, description="calls a second, while they were made")
    min_success_rate: float | None = Field(default=None, ge=0, le=1, description="of the calls; absent: all must pass")
    max_memory_mb: float | None = Field(default=None, gt=0, description="peak of the server's process tree, MiB")
    max_cpu_seconds: float | None = Field(default=None, gt=0, description="of the server's process tree, while it ran")
    max_cpu_percent: float | None = Field(default=None, gt=0, description="of one core, in the mean over the test")
    iterations: int = Field(default=1, ge=1, le=10_000, description="how often the call is made")
    warmup_iterations: int = Field(default=0, ge=0, le=1_000, description="calls before those, which are not looked at")
    concurrency: int = Field(default=1, ge=1, le=64, description="how many of the calls are in flight at once")
