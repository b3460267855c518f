"""The names and figures of metrics."""

from scheduler.operate import metrics
from scheduler.operate.latest_figures import Latest
from scheduler.store.counters import Series

PLAIN = {"server": "plain", "suite": "echo"}


def test_what_the_newest_run_had_none_of_is_absent_not_zero() -> None:
    figures = {
        Series("echo", "plain"): Latest("r1", 0.9, 0.1, 0.25),
        Series("none", "plain"): Latest("r1", None, None, None),
    }
    samples = {
        sample.name: (sample.labels, sample.value) for family in metrics.latest(figures) for sample in family.samples
    }
    assert samples == {
        "mcp_test_success_rate": (PLAIN, 0.9),
        "mcp_test_error_rate": (PLAIN, 0.1),
        "mcp_test_response_time_p95": (PLAIN, 0.25),
    }


def test_the_table_at_the_top_of_the_module_names_every_metric_with_its_labels() -> None:
    documented = {line.split()[0] for line in (metrics.__doc__ or "").splitlines() if line.startswith("mcp_")}
    assert documented == {
        "mcp_test_total",
        "mcp_test_response_time_*",
        "mcp_test_success_rate",
        "mcp_test_error_rate",
        "mcp_test_response_time_p95",
        "mcp_test_baseline_p95",
        "mcp_farm_stale_records_total",
        "mcp_farm_poison_records_total",
        "mcp_farm_duplicate_records_total",
    }
