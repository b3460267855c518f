"""Owns the names and labels of the tests' metrics, and the page that shows them. All figures come from the store.

name                            labels                  meaning
mcp_test_total                  server, suite, outcome  counter: tests that ended
mcp_test_response_time_*        server, suite           histogram: seconds from request to answer, stamped at the server
mcp_test_success_rate           server, suite           share passed (flaky ones too) of those carried out, newest run
mcp_test_error_rate             server, suite           share that ended as error or timeout, newest run
mcp_test_response_time_p95      server, suite           seconds, newest run
mcp_test_baseline_p95           server, suite           seconds; absent until there are baselines
mcp_farm_stale_records_total    -                       counter: records that came under a lease no longer current
mcp_farm_poison_records_total   -                       counter: records that could not be read
mcp_farm_duplicate_records_total -                      counter: records that came again

`server` is the target. A test's id is never a label. Several replicas may show the page: scrape one.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, make_asgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlmodel import Session

from scheduler.operate.latest_figures import Latest, LatestFigures
from scheduler.store.counters import (
    BUCKETS_S,
    RECORDS_DUPLICATE,
    RECORDS_POISON,
    RECORDS_STALE,
    Histogram,
    Series,
    plain_total,
    response_times,
    test_totals,
)
from scheduler.store.database import Store

SERIES = ("server", "suite")


def create_metrics_app(store: Store) -> Any:
    """The page as an ASGI application, for a server of its own."""
    registry = CollectorRegistry()
    registry.register(StoreCollector(store))
    return make_asgi_app(registry=registry)


class StoreCollector(Collector):
    """Reads the store when asked. One question at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._latest = LatestFigures()
        self._one_at_a_time = threading.Lock()

    def describe(self) -> Iterable[Metric]:
        """Nothing: a registry that asks at start must not need the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """All metrics, of one moment."""
        with self._one_at_a_time, self._store.session() as session:
            return list(self._metrics(session))

    def _metrics(self, session: Session) -> Iterator[Metric]:
        yield total(test_totals(session))
        yield response_time(response_times(session))
        yield from latest(self._latest.read(session, time.time_ns() // 1_000_000))
        yield plain("mcp_farm_stale_records", "Records under a lease no longer current", session, RECORDS_STALE)
        yield plain("mcp_farm_poison_records", "Records that could not be read", session, RECORDS_POISON)
        yield plain("mcp_farm_duplicate_records", "Records that came again", session, RECORDS_DUPLICATE)


def total(counts: Mapping[Series, Mapping[str, int]]) -> Metric:
    """mcp_test_total."""
    family = CounterMetricFamily("mcp_test", "Tests that ended", labels=(*SERIES, "outcome"))
    for series, outcomes in sorted(counts.items()):
        for outcome, count in sorted(outcomes.items()):
            family.add_metric((series.target, series.suite, outcome), count)
    return family


def response_time(times: Mapping[Series, Histogram]) -> Metric:
    """mcp_test_response_time, a histogram."""
    family = HistogramMetricFamily("mcp_test_response_time", "Seconds from request to answer", labels=SERIES)
    for series, found in sorted(times.items()):
        bounds = [("+Inf" if bound == float("inf") else str(bound)) for bound in BUCKETS_S]
        buckets = list(zip(bounds, found.cumulative, strict=True))
        family.add_metric((series.target, series.suite), buckets, sum_value=found.sum_s)
    return family


def latest(figures: Mapping[Series, Latest]) -> Iterator[Metric]:
    """The three gauges of the newest run. What a run had none of is absent, not zero."""
    for name, field, text in (
        ("mcp_test_success_rate", "success_rate", "Share of tests that passed in the newest run"),
        ("mcp_test_error_rate", "error_rate", "Share of tests that ended as error or timeout in the newest run"),
        ("mcp_test_response_time_p95", "p95_s", "95th percentile of the response time in the newest run, seconds"),
    ):
        family = GaugeMetricFamily(name, text, labels=SERIES)
        for series, figure in sorted(figures.items()):
            value = getattr(figure, field)
            if value is not None:
                family.add_metric((series.target, series.suite), value)
        yield family


def plain(name: str, text: str, session: Session, counter: str) -> Metric:
    """A counter without labels."""
    return CounterMetricFamily(name, text, value=plain_total(session, counter))
