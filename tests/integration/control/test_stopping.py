"""Cancel and fail-fast: what waits ends now, what runs is ended or goes on."""

import pytest

from harness.errors import RunMissing
from harness.models.outcomes import AttemptOutcome
from harness.models.run import RunState
from scheduler.control.aggregate import aggregate
from scheduler.control.cancel import cancel
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.control.merge import merge
from scheduler.control.recover import recover
from scheduler.control.stream import RecordStream
from scheduler.state.machine import TestState
from scheduler.store.tables import Run
from scheduler.store.values import now_ms
from tests.integration.control.clock import believe, pass_time
from tests.integration.control.fake_worker import FakeWorker, fails
from tests.integration.control.runs import (
    assert_totals_agree,
    outcomes,
    report,
    states,
    submit_suites,
    suite_text,
    view,
)
from workers.leases import Held

TWO = {"test_config": {"max_concurrency": 2}}
STOPS = {"test_config": {"max_concurrency": 2, "fail_fast": True}}


def test_cancelling_ends_what_waits_at_once_and_closes_the_run(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(5, **TWO))
    dispatch(farm)
    cancel(farm, run.run_id, "asked by a person")
    assert outcomes(farm, run.run_id) == ["cancelled"] * 5
    assert {test.reason for test in report(farm, run.run_id).tests} == {"asked by a person"}
    closed = view(farm, run.run_id)
    assert (closed.state, closed.exit_code) == (RunState.CLOSED, 6)
    assert FakeWorker(farm).work() == 0  # the messages are still there, the leases are not


def test_a_running_test_of_a_cancelled_run_is_ended_by_its_worker(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(3, **TWO))
    dispatch(farm)
    worker = FakeWorker(farm)
    lease = worker.take_next()
    assert lease is not None
    cancel(farm, run.run_id, "enough")
    assert view(farm, run.run_id).state is RunState.CANCELLING
    assert outcomes(farm, run.run_id) == [None, "cancelled", "cancelled"]
    assert worker.announce() == {lease: Held.CANCELLED}
    worker.record(lease, AttemptOutcome.ABORTED)
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["cancelled"] * 3
    assert view(farm, run.run_id).state is RunState.CLOSED
    assert_totals_agree(farm, run.run_id)


def test_a_test_that_ended_just_before_keeps_its_outcome(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2, **TWO))
    dispatch(farm)
    worker = FakeWorker(farm)
    lease = worker.take_next()
    assert lease is not None
    cancel(farm, run.run_id, "enough")
    worker.record(lease, AttemptOutcome.PASSED)
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["passed", "cancelled"]


def test_a_result_that_was_recorded_but_not_merged_when_the_run_stopped_is_kept(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2, **TWO))
    dispatch(farm)
    worker = FakeWorker(farm)
    lease = worker.take_next()
    assert lease is not None
    worker.record(lease, AttemptOutcome.PASSED)
    cancel(farm, run.run_id, "enough")
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["passed", "cancelled"]
    assert view(farm, run.run_id).state is RunState.CLOSED


def test_what_no_worker_ends_is_ended_after_ten_seconds(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2, **TWO))
    believe(farm)
    dispatch(farm)
    worker = FakeWorker(farm)
    lease = worker.take_next()
    assert lease is not None
    cancel(farm, run.run_id, "enough")
    pass_time(farm, 9)
    recover(farm)
    assert outcomes(farm, run.run_id) == [None, "cancelled"]
    pass_time(farm, 1)
    recover(farm)
    assert outcomes(farm, run.run_id) == ["cancelled"] * 2
    assert view(farm, run.run_id).state is RunState.CLOSED
    worker.record(lease, AttemptOutcome.ABORTED)
    recover(farm)
    assert (outcomes(farm, run.run_id), view(farm, run.run_id).stale_records) == (["cancelled"] * 2, 1)


def test_a_lost_test_of_a_cancelled_run_does_not_start_again(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1))
    dispatch(farm)
    FakeWorker(farm, "dead").take_next()
    cancel(farm, run.run_id, "enough")
    recover(farm, dead_workers=frozenset({"dead"}))
    assert outcomes(farm, run.run_id) == ["cancelled"]
    assert view(farm, run.run_id).state is RunState.CLOSED


def test_a_group_is_cancelled_as_a_whole_but_for_its_running_member(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(4, isolation="suite"))
    dispatch(farm)
    worker = FakeWorker(farm)
    worker.work(limit=1)
    aggregate(farm, run.run_id)
    lease = worker.take_next()
    assert lease is not None
    cancel(farm, run.run_id, "enough")
    assert outcomes(farm, run.run_id) == ["passed", None, "cancelled", "cancelled"]
    worker.record(lease, AttemptOutcome.ABORTED)
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["passed", "cancelled", "cancelled", "cancelled"]


def test_cancelling_twice_or_too_late_changes_nothing(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1))
    cancel(farm, run.run_id, "first")
    cancel(farm, run.run_id, "second")
    assert report(farm, run.run_id).tests[0].reason == "first"
    with pytest.raises(RunMissing):
        cancel(farm, "nobody", "why not")


def test_a_cancel_that_crashed_before_redis_knew_is_carried_out_by_recovery(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2, **TWO))
    dispatch(farm)
    with farm.store.writing() as session:  # the first half of a cancel, and then a crash
        row = session.get_one(Run, run.run_id)
        row.state, row.cancelled_ms, row.stop_reason = "cancelling", now_ms(), "enough"
    recover(farm)
    assert outcomes(farm, run.run_id) == ["cancelled"] * 2
    assert FakeWorker(farm).work() == 0


def test_a_run_that_stops_at_its_first_failure_runs_nothing_further(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(9, **TWO), fail_fast=True)
    dispatch(farm)
    worker = FakeWorker(farm)
    worker.work(fails(0), limit=1)
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["failed"] + ["not_run"] * 8
    assert "stopped after the first failure" in report(farm, run.run_id).tests[5].reason
    assert view(farm, run.run_id).state is RunState.CLOSED
    assert worker.work() == 0


def test_a_test_that_runs_when_the_run_stops_is_carried_to_its_end(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(9, **TWO), fail_fast=True)
    dispatch(farm)
    worker = FakeWorker(farm)
    running = worker.take_next()
    assert running is not None
    worker.work(fails(1), limit=1)
    aggregate(farm, run.run_id)
    assert states(farm, run.run_id).count(TestState.PUBLISHED) == 1
    worker.record(running)
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["passed", "failed"] + ["not_run"] * 7


def test_a_suite_that_stops_at_its_first_failure_does_not_stop_the_others(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(4, name="stops", **STOPS), suite_text(4, name="goes on", **TWO))
    worker = FakeWorker(farm)
    for _ in range(6):
        dispatch(farm)
        worker.work(fails(0, 5), limit=1)
        aggregate(farm, run.run_id)
    worker.work()
    aggregate(farm, run.run_id)
    found = outcomes(farm, run.run_id)
    assert found[0] == "failed" and "not_run" in found[1:4]
    assert found[4:] == ["passed", "failed", "passed", "passed"]


def test_messages_that_a_crash_left_behind_after_a_stop_are_withdrawn_by_recovery(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(4, **TWO), fail_fast=True)
    dispatch(farm)
    FakeWorker(farm).work(fails(0), limit=1)
    stream = RecordStream(farm.redis, run.run_id)
    merge(farm.store, run.run_id, stream.read())  # control dies before it withdraws
    assert states(farm, run.run_id).count(TestState.PUBLISHED) == 1
    recover(farm)
    assert outcomes(farm, run.run_id) == ["failed"] + ["not_run"] * 3
