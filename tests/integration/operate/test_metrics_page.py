"""The page of metrics as a scraper reads it, on both databases."""

from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from scheduler.operate.metrics import StoreCollector
from scheduler.store.counters import RECORDS_STALE, Increments
from scheduler.store.database import Store, open_store

PLAIN = {"server": "plain", "suite": "echo"}


@pytest.fixture
def store(farm_database_url: str) -> Iterator[Store]:
    with open_store(farm_database_url) as store:
        yield store


def page(store: Store) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample of the page as a scraper reads it."""
    registry = CollectorRegistry()
    registry.register(StoreCollector(store))
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def sample(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return name, tuple(sorted({**PLAIN, **labels}.items()))


def test_counters_of_the_store_are_shown_by_server_suite_and_outcome(store: Store) -> None:
    increments = Increments()
    increments.test("echo", "plain", "passed", 3)
    increments.test("echo", "plain", "failed")
    for seconds in (0.0005, 0.02, 0.02, 100.0):
        increments.response("echo", "plain", seconds)
    increments.plain(RECORDS_STALE, 2)
    with store.writing() as session:
        increments.write(session)

    shown = page(store)
    assert shown[sample("mcp_test_total", outcome="passed")] == 3
    assert shown[sample("mcp_test_total", outcome="failed")] == 1
    assert shown[sample("mcp_test_response_time_bucket", le="0.001")] == 1
    assert shown[sample("mcp_test_response_time_bucket", le="0.025")] == 3
    assert shown[sample("mcp_test_response_time_bucket", le="60.0")] == 3
    assert shown[sample("mcp_test_response_time_bucket", le="+Inf")] == 4
    assert shown[sample("mcp_test_response_time_count")] == 4
    assert shown[sample("mcp_test_response_time_sum")] == pytest.approx(100.0405)
    assert shown["mcp_farm_stale_records_total", ()] == 2


def test_an_empty_farm_shows_no_rate_and_no_baseline(store: Store) -> None:
    names = {name for name, _ in page(store)}
    assert names == {f"mcp_farm_{kind}_records_total" for kind in ("stale", "poison", "duplicate")}
