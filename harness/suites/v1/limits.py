"""`performance` of a v1 case → `performance` of a test."""

from harness.suites.tree import Entry
from harness.suites.v1.carry import Becomes, Defers, Table, Treatment, carry
from harness.suites.v1.nodes import Mapped, mapping_at, said_of
from harness.suites.v1.notes import Notes


def put_limits(entry: Entry, test: Mapped, notes: Notes) -> None:
    """Write the limits of a case into a test."""
    node = mapping_at(entry, "performance", notes)
    if node.entries:
        carry(node, LIMITS, test.mapping("performance", entry.key_mark), notes)


def _put_error_rate(entry: Entry, into: Mapped, notes: Notes) -> None:
    """So much may fail: the rest must pass."""
    rate = said_of(entry.node)
    if isinstance(rate, int | float) and not isinstance(rate, bool) and 0 <= rate <= 1:
        into.say("min_success_rate", round(1 - rate, 9), entry.key_mark)
    else:
        notes.wrong(entry.node.mark, "max_error_rate", "must be a number from 0 to 1")


def _put_percentiles(entry: Entry, into: Mapped, notes: Notes) -> None:
    carry(mapping_at(entry, "percentiles", notes), PERCENTILES, into.mapping("percentiles", entry.key_mark), notes)


_SAME = ("max_duration_ms", "max_memory_mb", "max_cpu_seconds", "min_ops_per_sec", "min_success_rate")
_OURS: dict[str, str] = {
    **{key: key for key in (*_SAME, "iterations", "warmup_iterations", "concurrency")},
    "max_execution_time_ms": "max_duration_ms",
    "max_memory_usage_mb": "max_memory_mb",
    "max_cpu_usage_percent": "max_cpu_percent",
    "min_requests_per_second": "min_ops_per_sec",
}
LIMITS = Table(
    "test_suites[].test_cases[].performance",
    {
        **{theirs: Becomes(ours) for theirs, ours in _OURS.items()},
        "max_error_rate": Becomes("min_success_rate", _put_error_rate),
        "percentiles": Becomes("percentiles", _put_percentiles),
        "response_time_percentiles": Becomes("percentiles", _put_percentiles),
        **dict.fromkeys(("max_disk_io_mb", "max_network_requests", "max_requests_per_second"), Defers()),
    },
    "performance",
)
_OF_PERCENTILES: dict[str, Treatment] = {
    **{f"p{rank}": Becomes(f"p{rank}_ms") for rank in (50, 90, 95, 99)},
    **{f"p{rank}_ms": Becomes(f"p{rank}_ms") for rank in (50, 90, 95, 99)},
}
PERCENTILES = Table("test_suites[].test_cases[].performance.percentiles", _OF_PERCENTILES, "percentiles")
