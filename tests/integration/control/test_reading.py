"""What others read: events in order, runs by name, tokens."""

import pytest

from harness.errors import RunMissing
from harness.models.run import EventKind, RunEvent
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.control.recover import recover
from scheduler.control.tokens import check_run_token, run_token
from scheduler.store.queries import events_after, find_run, latest_runs, run_report
from scheduler.store.tables import Run
from tests.integration.control.fake_worker import FakeWorker
from tests.integration.control.runs import submit_suites, suite_text

WIDE = {"test_config": {"max_concurrency": 64}}


def events(farm: Farm, run_id: str, seq: int = 0, limit: int = 500) -> list[RunEvent]:
    with farm.store.session() as session:
        return events_after(session, run_id, seq, limit)


def test_events_count_up_and_end_with_the_run(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(5, **WIDE))
    dispatch(farm)
    worker = FakeWorker(farm)
    seen: list[RunEvent] = []
    for _ in range(5):
        worker.work(limit=1)
        aggregate(farm, run.run_id)
        seen += events(farm, run.run_id, seen[-1].seq if seen else 0)
    assert [event.seq for event in seen] == [1, 2, 3, 4, 5, 6]
    assert [event.kind for event in seen] == [EventKind.TEST_FINISHED] * 5 + [EventKind.RUN_FINISHED]
    assert sorted(event.test.number for event in seen if event.test) == [0, 1, 2, 3, 4]
    last = seen[-1].run
    assert last is not None and last.exit_code == 0
    assert events(farm, run.run_id, 6) == []


def test_a_reader_may_resume_anywhere_and_take_small_steps(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(7, **WIDE))
    dispatch(farm)
    FakeWorker(farm).work()
    aggregate(farm, run.run_id)
    whole = events(farm, run.run_id)
    stepped: list[RunEvent] = []
    while step := events(farm, run.run_id, stepped[-1].seq if stepped else 0, limit=3):
        stepped += step
    assert stepped == whole
    assert len(whole) == 8


def test_events_come_in_the_order_of_the_endings_not_of_the_tests(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(3, **WIDE))
    dispatch(farm)
    worker = FakeWorker(farm)
    slow = worker.take_next()
    assert slow is not None
    worker.work()
    aggregate(farm, run.run_id)
    worker.record(slow)
    aggregate(farm, run.run_id)
    assert [event.test.number for event in events(farm, run.run_id) if event.test] == [1, 2, 0]


def test_an_event_carries_the_test_as_the_report_has_it(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1))
    dispatch(farm)
    FakeWorker(farm).work()
    aggregate(farm, run.run_id)
    with farm.store.session() as session:
        assert events(farm, run.run_id)[0].test == run_report(session, run.run_id).tests[0]


def test_members_of_a_group_that_started_again_are_told_again_later(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2, isolation="suite"))
    dispatch(farm)
    FakeWorker(farm, "dead").work(limit=1)
    aggregate(farm, run.run_id)
    assert [event.seq for event in events(farm, run.run_id)] == [1]
    recover(farm, dead_workers=frozenset({"dead"}))
    FakeWorker(farm, "alive").work()
    aggregate(farm, run.run_id)
    assert [event.seq for event in events(farm, run.run_id, 1)] == [2, 3, 4]


def test_a_run_is_found_by_id_by_its_beginning_and_as_the_last(farm: Farm) -> None:
    first, second = (submit_suites(farm, suite_text(1)).run_id for _ in range(2))
    with farm.store.session() as session:
        assert find_run(session, first) == first
        assert find_run(session, first[:8]) == first
        assert [view.run_id for view in latest_runs(session)] == [second, first]
        assert find_run(session, "last") == second
        assert find_run(session, "last~1") == first
        assert latest_runs(session, project="other") == []
        with pytest.raises(RunMissing, match="nobody"):
            find_run(session, "nobody")
        with pytest.raises(RunMissing):
            find_run(session, "%")


def test_a_beginning_that_fits_several_runs_is_refused(farm: Farm) -> None:
    submit_suites(farm, suite_text(1))
    with farm.store.writing() as session:
        for name in ("abc1", "abc2"):
            session.add(Run(id=name, project="p", bundle="", pool="p", created_ms=1, total=1))
    with farm.store.session() as session, pytest.raises(RunMissing, match="abc1, abc2"):
        find_run(session, "abc")


def test_a_run_token_opens_its_own_open_run_only(farm: Farm) -> None:
    run, other = submit_suites(farm, suite_text(1)), submit_suites(farm, suite_text(1))
    token = run_token(farm, run.run_id)
    assert token == run_token(farm, run.run_id)
    assert check_run_token(farm, token) == run.run_id
    assert run_token(farm, other.run_id) != token
    forged = f"{other.run_id}.{token.partition('.')[2]}"
    for bad in ("", ".", forged, token[:-1], f"{token}x", "é\ud800", run.run_id):
        assert check_run_token(farm, bad) is None
    dispatch(farm)
    FakeWorker(farm).work()
    aggregate(farm, run.run_id)
    assert check_run_token(farm, token) is None
