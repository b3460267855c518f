"""How suites did in their newest finished run, read from real stores, both kinds."""

from collections.abc import Iterator, Mapping, Sequence

import pytest

from scheduler.operate.latest_figures import KEPT_MS, Latest, LatestFigures
from scheduler.store.counters import Series
from scheduler.store.database import Store, open_store
from scheduler.store.tables import Attempt, Run, RunPlan, Test

ECHO = Series("echo", "plain")


@pytest.fixture
def store(farm_database_url: str) -> Iterator[Store]:
    with open_store(farm_database_url) as store:
        yield store


def add_run(
    store: Store,
    run_id: str,
    finished_ms: int | None,
    outcomes: Sequence[str],
    call_s: Mapping[int, float] | None = None,
) -> None:
    """A run of one suite whose tests ended as `outcomes`; closed where it has a time."""
    state = "running" if finished_ms is None else "closed"
    with store.writing() as session:
        session.add(
            Run(
                id=run_id,
                project="p",
                bundle="b",
                pool="default",
                state=state,
                created_ms=1,
                finished_ms=finished_ms,
                total=len(outcomes),
            )
        )
        session.flush()
        session.add(RunPlan(run_id=run_id, plan=0, digest="d", suite="echo", target="plain", max_concurrency=1))
        session.flush()
        session.add_all(_test(run_id, number, outcome) for number, outcome in enumerate(outcomes))
        session.flush()
        session.add_all(_attempt(run_id, number, seconds) for number, seconds in (call_s or {}).items())
        session.flush()


def _test(run_id: str, number: int, outcome: str) -> Test:
    return Test(
        run_id=run_id,
        number=number,
        plan=0,
        project="p",
        suite="echo",
        target="plain",
        test_id=f"t{number}",
        name="n",
        unit=number,
        shard=0,
        rank=number,
        state="final",
        outcome=outcome,
    )


def _attempt(run_id: str, number: int, seconds: float, **more: bool) -> Attempt:
    return Attempt(
        run_id=run_id,
        number=number,
        lease=1,
        digest="d",
        worker="w",
        started_ms=1,
        ended_ms=2,
        details={"timing": {"call_s": seconds}},
        **more,
    )


def read(store: Store, figures: LatestFigures | None = None, now_ms: int = 1000) -> dict[Series, Latest]:
    with store.session() as session:
        return (figures or LatestFigures()).read(session, now_ms)


def test_rates_are_shares_of_the_tests_that_were_carried_out(store: Store) -> None:
    outcomes = ["passed"] * 6 + ["flaky", "failed", "error", "timeout"] + ["skipped", "cancelled", "not_run"]
    add_run(store, "r1", 500, outcomes, {number: 0.1 * (number + 1) for number in range(10)})
    assert read(store) == {ECHO: Latest("r1", success_rate=0.7, error_rate=0.2, p95_s=1.0)}


def test_the_newest_finished_run_counts_and_one_that_goes_on_does_not(store: Store) -> None:
    add_run(store, "new", 900, ["passed"])
    add_run(store, "old", 100, ["failed"])
    add_run(store, "on", None, ["failed"])
    assert read(store)[ECHO] == Latest("new", success_rate=1.0, error_rate=0.0, p95_s=None)


def test_a_run_in_which_nothing_was_carried_out_has_no_rates(store: Store) -> None:
    add_run(store, "r1", 500, ["skipped", "cancelled"])
    assert read(store)[ECHO] == Latest("r1", None, None, None)


def test_stale_and_superseded_records_have_no_part_in_the_times(store: Store) -> None:
    add_run(store, "r1", 500, ["passed"] * 3, {0: 0.5})
    with store.writing() as session:
        session.add_all([_attempt("r1", 1, 9.0, stale=True), _attempt("r1", 2, 9.0, superseded=True)])
        session.flush()
    assert read(store)[ECHO].p95_s == 0.5


def test_a_suite_that_has_not_finished_for_a_month_is_left_out(store: Store) -> None:
    add_run(store, "r1", 500, ["passed"])
    assert read(store, now_ms=500 + KEPT_MS)
    assert not read(store, now_ms=501 + KEPT_MS)


def test_a_newer_run_replaces_what_was_remembered(store: Store) -> None:
    figures = LatestFigures()
    add_run(store, "r1", 500, ["failed"])
    assert read(store, figures)[ECHO].success_rate == 0.0
    add_run(store, "r2", 600, ["passed"])
    assert read(store, figures)[ECHO].run_id == "r2"
    assert read(store, figures)[ECHO].success_rate == 1.0
