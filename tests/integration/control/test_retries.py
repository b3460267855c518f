"""Tests that are run again because their suite asks for it: when, where, how often, and what is told of them."""

from typing import Any

from harness.models.attempt import Cause
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from scheduler.control.aggregate import aggregate
from scheduler.control.cancel import cancel
from scheduler.control.dispatch import dispatch, release_due
from scheduler.control.farm import Farm
from scheduler.control.recover import recover
from scheduler.state.machine import TestState
from scheduler.state.retries import MIN_BUDGET
from tests.integration.control.clock import believe, pass_time
from tests.integration.control.fake_worker import FakeWorker
from tests.integration.control.runs import (
    accepted,
    assert_totals_agree,
    outcomes,
    report,
    states,
    submit_suites,
    suite_of,
    suite_text,
    view,
)
from workers.leases import lease_key
from workers.messages import own_queue

FAILED, PASSED, LOST = AttemptOutcome.FAILED, AttemptOutcome.PASSED, AttemptOutcome.LOST
WAITS = TestState.RETRY_WAIT


def policy(**retry: Any) -> dict[str, Any]:
    return {"test_config": {"max_concurrency": 64, "retry": {"retry_delay_ms": 10_000, "jitter": False, **retry}}}


def once(farm: Farm, worker: FakeWorker, run_id: str, outcome: AttemptOutcome = FAILED, **changes: Any) -> None:
    """Take the next test and record it."""
    lease = worker.take_next()
    assert lease is not None
    worker.record(lease, outcome, **changes)
    aggregate(farm, run_id)


def due(farm: Farm, seconds: float) -> int:
    """Let time pass, and publish what is due."""
    pass_time(farm, seconds)
    released = release_due(farm)
    dispatch(farm)
    return released


def test_a_test_that_passes_on_its_retry_is_flaky(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1, **policy()))
    worker = FakeWorker(farm)
    dispatch(farm)
    once(farm, worker, run.run_id)
    assert states(farm, run.run_id) == [WAITS]
    assert due(farm, 1) == 0 and worker.pop() is None
    assert due(farm, 9) == 1

    once(farm, worker, run.run_id, PASSED)

    (test,) = report(farm, run.run_id).tests
    assert (test.outcome, accepted(test)) == (TestOutcome.FLAKY, 2)
    assert (view(farm, run.run_id).retries, view(farm, run.run_id).exit_code) == (1, 0)
    assert_totals_agree(farm, run.run_id)


def test_a_retry_asks_for_a_fresh_session_and_another_worker(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1, **policy(retry_delay_ms=0)))
    first, second = FakeWorker(farm, "first"), FakeWorker(farm, "second")
    first.announce()
    second.announce()
    dispatch(farm)
    once(farm, first, run.run_id)
    due(farm, 0)
    assert farm.redis.llen(own_queue("default", "second")) == 1
    message = second.pop()
    assert message is not None and message.fresh and not message.alone and message.lease == 2


def test_where_there_is_no_other_worker_the_same_one_tries_again(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1, **policy(retry_delay_ms=0)))
    worker = FakeWorker(farm)
    worker.announce()
    dispatch(farm)
    once(farm, worker, run.run_id)
    due(farm, 0)
    once(farm, worker, run.run_id, PASSED)
    assert outcomes(farm, run.run_id) == ["flaky"]


def test_a_test_fails_when_its_retries_are_used_up(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1, **policy(max_retries=2)))
    worker = FakeWorker(farm)
    dispatch(farm)
    for wait in (10, 20):
        once(farm, worker, run.run_id)
        assert due(farm, wait) == 1  # the delay doubles
    once(farm, worker, run.run_id)
    (test,) = report(farm, run.run_id).tests
    assert (test.outcome, accepted(test), view(farm, run.run_id).exit_code) == (TestOutcome.FAILED, 3, 1)


def test_what_the_policy_forbids_fails_at_once(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1, **policy(no_retry_patterns=["check failed"])))
    dispatch(farm)
    once(farm, FakeWorker(farm), run.run_id)
    assert outcomes(farm, run.run_id) == ["failed"]


def test_a_run_has_a_budget_of_retries(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(15, **policy()))
    worker = FakeWorker(farm)
    dispatch(farm)
    worker.work(lambda message: FAILED)
    aggregate(farm, run.run_id)
    assert states(farm, run.run_id).count(WAITS) == MIN_BUDGET
    assert outcomes(farm, run.run_id).count("failed") == 5


def test_a_loss_is_no_retry_and_costs_none(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1, **policy(max_retries=1)))
    worker = FakeWorker(farm)
    dispatch(farm)
    once(farm, worker, run.run_id, LOST, cause=Cause(kind=CauseKind.INFRASTRUCTURE, message="blob missing"))
    once(farm, worker, run.run_id)
    due(farm, 10)
    once(farm, worker, run.run_id, PASSED)
    assert outcomes(farm, run.run_id) == ["flaky"]


def test_a_test_that_must_not_be_called_twice_is_not(farm: Farm) -> None:
    careful = [{"name": "pay", "input": {}, "idempotent": False}]
    run = submit_suites(farm, suite_of(careful, **policy()), suite_of(careful, name="other", **policy()))
    worker = FakeWorker(farm)
    dispatch(farm)
    once(farm, worker, run.run_id, request_written=True)
    once(farm, worker, run.run_id, request_written=False)
    assert sorted(map(str, outcomes(farm, run.run_id))) == ["None", "failed"]


def test_a_test_that_must_not_be_called_twice_is_not_given_to_another_worker_either(farm: Farm) -> None:
    run = submit_suites(farm, suite_of([{"name": "pay", "input": {}, "idempotent": False}]))
    worker = FakeWorker(farm, "dead")
    dispatch(farm)
    assert worker.take_next()
    recover(farm, dead_workers=frozenset({"dead"}))
    (test,) = report(farm, run.run_id).tests
    assert test.outcome is TestOutcome.ERROR and "idempotent: false forbids another" in test.reason


def test_a_member_that_is_retried_starts_its_group_again_and_keeps_its_record(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(3, isolation="suite", **policy()))
    worker = FakeWorker(farm)
    dispatch(farm)
    once(farm, worker, run.run_id, PASSED)
    once(farm, worker, run.run_id, FAILED)
    assert states(farm, run.run_id) == [WAITS, TestState.BLOCKED, TestState.BLOCKED]
    assert outcomes(farm, run.run_id) == [None, None, None]
    assert not farm.redis.exists(lease_key(run.run_id, 2))  # which the worker holds: its next heartbeat tells

    due(farm, 10)
    worker.work()
    aggregate(farm, run.run_id)

    tests = report(farm, run.run_id).tests
    assert [test.outcome for test in tests] == [TestOutcome.PASSED, TestOutcome.FLAKY, TestOutcome.PASSED]
    assert [[attempt.superseded for attempt in test.attempts] for test in tests] == [
        [True, False],
        [False, False],
        [False],
    ]
    assert_totals_agree(farm, run.run_id)


def test_a_record_of_the_old_lease_that_comes_while_the_group_waits_is_stale(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(3, isolation="suite", **policy()))
    worker = FakeWorker(farm)
    dispatch(farm)
    head = worker.take_next()
    assert head is not None
    worker.record(head, FAILED)
    following = worker.take_next()
    assert following is not None
    aggregate(farm, run.run_id)

    worker.record(following, PASSED)
    aggregate(farm, run.run_id)

    assert view(farm, run.run_id).stale_records == 1
    assert states(farm, run.run_id)[0] is WAITS


def test_members_that_fail_in_one_batch_start_their_group_again_once(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(3, isolation="suite", **policy()))
    worker = FakeWorker(farm)
    dispatch(farm)
    worker.work(lambda message: FAILED if message.number < 2 else PASSED)
    aggregate(farm, run.run_id)
    assert states(farm, run.run_id) == [WAITS, TestState.BLOCKED, TestState.BLOCKED]
    due(farm, 10)
    worker.work()
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["flaky", "flaky", "passed"]
    assert view(farm, run.run_id).retries == 2
    assert_totals_agree(farm, run.run_id)


def test_a_group_with_a_member_that_was_called_and_must_not_be_twice_is_not_retried(farm: Farm) -> None:
    tests: list[dict[str, object]] = [{"name": "pay", "input": {}, "idempotent": False}, {"name": "look", "input": {}}]
    run = submit_suites(farm, suite_of(tests, isolation="suite", **policy()))
    worker = FakeWorker(farm)
    dispatch(farm)
    once(farm, worker, run.run_id, PASSED)
    once(farm, worker, run.run_id, FAILED)
    assert outcomes(farm, run.run_id) == ["passed", "failed"]


def test_a_group_is_not_retried_either_when_both_records_come_in_one_batch(farm: Farm) -> None:
    tests: list[dict[str, object]] = [{"name": "pay", "input": {}, "idempotent": False}, {"name": "look", "input": {}}]
    run = submit_suites(farm, suite_of(tests, isolation="suite", **policy()))
    dispatch(farm)
    FakeWorker(farm).work(lambda message: PASSED if message.number == 0 else FAILED)
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["passed", "failed"]


def test_a_group_is_not_retried_while_a_member_that_must_not_be_called_twice_may_be_running(farm: Farm) -> None:
    tests: list[dict[str, object]] = [{"name": "look", "input": {}}, {"name": "pay", "input": {}, "idempotent": False}]
    run = submit_suites(farm, suite_of(tests, isolation="suite", **policy()))
    worker = FakeWorker(farm)
    dispatch(farm)
    once(farm, worker, run.run_id, FAILED)
    once(farm, worker, run.run_id, PASSED)
    assert outcomes(farm, run.run_id) == ["failed", "passed"]


def test_a_test_that_must_not_be_called_twice_and_whose_lease_was_flushed_away_is_not_called_again(farm: Farm) -> None:
    believe(farm)
    run = submit_suites(farm, suite_of([{"name": "pay", "input": {}, "idempotent": False}]))
    worker = FakeWorker(farm)
    dispatch(farm)
    assert worker.take_next()
    pass_time(farm, 1)
    farm.redis.flushall()
    for _ in range(4):
        recover(farm)
        pass_time(farm, 6)
    assert outcomes(farm, run.run_id) == ["error"] and worker.pop() is None


def test_what_is_handed_back_for_ever_ends(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1))
    worker = FakeWorker(farm)
    dispatch(farm)
    given = 0
    while worker.held or (lease := worker.take_next()) is not None:
        worker.record(lease, LOST, cause=Cause(kind=CauseKind.HANDED_BACK, message="its worker stops"))
        aggregate(farm, run.run_id)
        given += 1
        assert given < 40
    assert outcomes(farm, run.run_id) == ["error"]


def test_a_test_that_waits_for_its_retry_when_the_run_is_cancelled_keeps_its_failure(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2, **policy()))
    dispatch(farm)
    once(farm, FakeWorker(farm), run.run_id)
    cancel(farm, run.run_id, "enough")
    assert sorted(map(str, outcomes(farm, run.run_id))) == ["cancelled", "failed"]
    assert_totals_agree(farm, run.run_id)


def test_a_failure_that_is_retried_does_not_stop_a_run_that_stops_at_the_first(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2, **policy(max_retries=1)), fail_fast=True)
    worker = FakeWorker(farm)
    dispatch(farm)
    once(farm, worker, run.run_id)
    assert not view(farm, run.run_id).totals
    once(farm, worker, run.run_id, PASSED)
    due(farm, 10)
    once(farm, worker, run.run_id)
    assert sorted(map(str, outcomes(farm, run.run_id))) == ["failed", "passed"]


def test_a_retry_that_is_cut_short_by_a_cancel_leaves_the_failure_before_it(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1, **policy(retry_delay_ms=0)))
    worker = FakeWorker(farm)
    dispatch(farm)
    once(farm, worker, run.run_id, FAILED)
    due(farm, 0)
    lease = worker.take_next()
    assert lease is not None
    cancel(farm, run.run_id, "enough")
    worker.record(lease, AttemptOutcome.ABORTED)
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["failed"]


def test_a_test_that_is_given_up_stops_a_run_that_stops_at_its_first_failure(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2, test_config={"max_concurrency": 1}), fail_fast=True)
    dispatch(farm)
    for turn in range(3):
        assert FakeWorker(farm, f"w{turn}").take_next() is not None
        recover(farm, dead_workers=frozenset({f"w{turn}"}))
    recover(farm)
    assert sorted(map(str, outcomes(farm, run.run_id))) == ["error", "not_run"]
