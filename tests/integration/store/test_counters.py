"""Counters only grow, whoever adds to them."""

from concurrent.futures import ThreadPoolExecutor

from scheduler.store.counters import (
    BUCKETS_S,
    MAX_LABEL,
    RECORDS_STALE,
    Histogram,
    Increments,
    Series,
    plain_total,
    response_times,
    test_totals,
)
from scheduler.store.database import open_store


def test_increments_of_many_transactions_at_once_all_count(database_url: str) -> None:
    with open_store(database_url) as store:

        def add(turn: int) -> None:
            for _ in range(10):
                added = Increments()
                for suite in ("a", "b") if turn % 2 else ("b", "a"):
                    added.test(suite, "server", "passed")
                    added.response(suite, "server", 0.004)
                added.plain(RECORDS_STALE, 1)
                with store.writing() as session:
                    added.write(session)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(add, range(4)))
        with store.session() as session:
            assert test_totals(session) == {
                Series("a", "server"): {"passed": 40},
                Series("b", "server"): {"passed": 40},
            }
            assert plain_total(session, RECORDS_STALE) == 40
            assert response_times(session)[Series("a", "server")].count == 40


def test_response_times_are_a_cumulative_histogram_with_a_p95(database_url: str) -> None:
    with open_store(database_url) as store:
        added = Increments()
        for seconds in [0.004] * 90 + [0.04] * 9 + [120.0]:
            added.response("suite", "server", seconds)
        with store.writing() as session:
            added.write(session)
        with store.session() as session:
            histogram = response_times(session)[Series("suite", "server")]
    assert dict(zip(BUCKETS_S, histogram.cumulative, strict=True))[0.005] == 90
    assert histogram.count == 100
    assert abs(histogram.sum_s - (0.36 + 0.36 + 120)) < 1e-9
    p95 = histogram.quantile(0.95)
    assert p95 is not None and 0.025 < p95 <= 0.05
    assert histogram.quantile(1.0) == 60.0  # above the last finite bound nothing more can be said


def test_an_empty_histogram_has_no_quantile() -> None:
    assert Histogram((0,) * len(BUCKETS_S), 0.0).quantile(0.95) is None


def test_labels_of_any_length_and_kind_are_stored(database_url: str) -> None:
    with open_store(database_url) as store:
        added = Increments()
        added.test("s" * 5000, 'quote" back\\slash \x00 é', "passed")
        with store.writing() as session:
            added.write(session)
        with store.session() as session:
            assert list(test_totals(session).values()) == [{"passed": 1}]


def test_names_that_are_equal_once_clipped_are_one_counter(database_url: str) -> None:
    with open_store(database_url) as store:
        added = Increments()
        added.test("s" * MAX_LABEL + "a", "server", "passed", 2)
        added.test("s" * MAX_LABEL + "b", "server", "passed", 3)
        with store.writing() as session:
            added.write(session)
        with store.session() as session:
            assert test_totals(session) == {Series("s" * MAX_LABEL, "server"): {"passed": 5}}
