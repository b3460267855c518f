"""Recovery: silence, lost messages, an emptied Redis, half-finished steps."""

from datetime import UTC, datetime

import pytest

from harness.models.outcomes import AttemptOutcome
from harness.models.run import RunState, TestReport
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.control.recover import Recovered, recover
from scheduler.state.machine import MAX_UNCOUNTED_LEASES, TestState
from scheduler.store.tables import TESTS
from tests.integration.control.clock import believe, pass_time
from tests.integration.control.fake_worker import FakeWorker
from tests.integration.control.runs import (
    assert_totals_agree,
    outcomes,
    report,
    states,
    submit_suites,
    suite_text,
    view,
)
from workers.leases import BEATS, EPOCH, WORKERS, lease_key
from workers.messages import own_queue

WIDE = {"test_config": {"max_concurrency": 64}}


def published(farm: Farm, count: int = 1) -> str:
    """A run whose tests are published, on a Redis that recovery has known for a while."""
    run = submit_suites(farm, suite_text(count, **WIDE))
    believe(farm)
    dispatch(farm)
    return run.run_id


def concluded(test: TestReport) -> int:
    """How many records say what became of it."""
    return sum(not attempt.stale and attempt.record.outcome != "lost" for attempt in test.attempts)


def test_a_quiet_farm_needs_nothing(farm: Farm) -> None:
    published(farm)
    worker = FakeWorker(farm)
    worker.take_next()
    worker.announce()
    assert [recover(farm) for _ in range(3)] == [Recovered()] * 3


def test_a_taken_test_is_marked_as_started(farm: Farm) -> None:
    run_id = published(farm, 2)
    worker = FakeWorker(farm)
    worker.take_next()
    recover(farm)
    assert sorted(states(farm, run_id)) == [TestState.PUBLISHED, TestState.STARTED]


def test_a_silent_worker_loses_its_lease_and_another_one_runs_the_test(farm: Farm) -> None:
    run_id = published(farm)
    silent, other = FakeWorker(farm, "silent"), FakeWorker(farm, "other")
    silent.take_next()
    pass_time(farm, 19)
    assert recover(farm).lost == 0
    pass_time(farm, 2)
    assert recover(farm) == Recovered(lost=1, published=1)
    assert silent.announce() == {next(iter(silent.held)): 0}  # it learns that it holds nothing any more
    assert other.work() == 1
    aggregate(farm, run_id)
    test = report(farm, run_id).tests[0]
    assert [(a.record.worker, a.record.outcome) for a in test.attempts] == [("silent", "lost"), ("other", "passed")]
    assert test.outcome == "passed"


def test_a_heartbeat_keeps_a_long_test_alive(farm: Farm) -> None:
    run_id = published(farm)
    worker = FakeWorker(farm)
    lease = worker.take_next()
    assert lease is not None
    for _ in range(5):
        pass_time(farm, 15)
        worker.announce()
        assert recover(farm).lost == 0
    worker.record(lease)
    aggregate(farm, run_id)
    assert outcomes(farm, run_id) == ["passed"]


def test_a_lost_test_goes_to_a_worker_that_did_not_lose_it(farm: Farm) -> None:
    run_id = published(farm)
    silent, other = FakeWorker(farm, "silent"), FakeWorker(farm, "other")
    silent.announce()
    other.announce()
    assert silent.take_next() is not None
    recover(farm, dead_workers=frozenset({"silent"}))  # which lives, after all
    silent.held.clear()
    assert silent.take_next() is None
    assert other.work() == 1
    aggregate(farm, run_id)
    assert outcomes(farm, run_id) == ["passed"]


def test_a_worker_that_is_about_to_stop_is_given_no_test_by_name(farm: Farm) -> None:
    run_id = published(farm)
    first, closing = FakeWorker(farm, "first"), FakeWorker(farm, "closing", slots=0)
    first.announce()
    closing.announce()
    assert first.take_next() is not None
    recover(farm, dead_workers=frozenset({"first"}))
    assert not farm.redis.exists(own_queue("default", "closing"))
    first.held.clear()
    assert first.work() == 1
    aggregate(farm, run_id)
    assert outcomes(farm, run_id) == ["passed"]


def test_a_message_in_the_own_queue_of_a_dead_worker_is_sent_again(farm: Farm) -> None:
    run_id = published(farm)
    first, second = FakeWorker(farm, "first"), FakeWorker(farm, "second")
    first.announce()
    second.announce()
    assert first.take_next() is not None
    recover(farm, dead_workers=frozenset({"first"}))
    first.held.clear()
    assert farm.redis.llen(own_queue("default", "second")) == 1
    recover(farm)
    pass_time(farm, 6)
    assert recover(farm).republished == 0
    farm.redis.zadd("farm:workers", {"second": 1, "third": farm.redis.time()[0] * 1000})  # it died before it looked
    assert recover(farm).republished == 1
    assert outcomes(farm, run_id) == [None]


def test_a_message_that_waits_in_a_worker_until_another_has_run_alone_is_not_sent_again(farm: Farm) -> None:
    run_id = published(farm)
    worker = FakeWorker(farm)
    worker.announce()
    assert worker.pop() is not None
    farm.redis.hset("farm:worker:fake-1", "waiting", f"other:7:1 {run_id}:0:1")
    recover(farm)
    pass_time(farm, 6)
    farm.redis.zadd("farm:workers", {"fake-1": farm.redis.time()[0] * 1000})
    assert recover(farm).republished == 0
    farm.redis.hdel("farm:worker:fake-1", "waiting")
    recover(farm)
    pass_time(farm, 6)
    assert recover(farm).republished == 1


def test_leases_of_a_worker_known_to_be_dead_are_lost_at_once(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(3, **WIDE))
    dispatch(farm)
    dead, alive = FakeWorker(farm, "dead"), FakeWorker(farm, "alive")
    dead.take_next(), dead.take_next(), alive.take_next()
    assert recover(farm, dead_workers=frozenset({"dead"})).lost == 2
    alive.work()
    alive.record(next(iter(alive.held)))
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["passed"] * 3


def test_a_test_that_took_down_three_workers_is_poison_and_ran_alone_at_last(farm: Farm) -> None:
    run_id = published(farm)
    alone = []
    for turn in range(3):
        worker = FakeWorker(farm, f"w{turn}")
        lease = worker.take_next()
        assert lease is not None
        alone.append(worker.held[lease].alone)
        recover(farm, dead_workers=frozenset({f"w{turn}"}))
    (test,) = report(farm, run_id).tests
    reason = "poison: it took down 3 workers, the last one while it ran alone: w0, w1, w2"
    assert (test.outcome, test.reason, alone) == ("error", reason, [False, False, True])


def test_a_test_lost_three_times_is_an_error_of_the_infrastructure(farm: Farm) -> None:
    run_id = published(farm)
    for _ in range(3):
        assert FakeWorker(farm, "same").take_next() is not None
        recover(farm, dead_workers=frozenset({"same"}))
    (test,) = report(farm, run_id).tests
    assert (test.outcome, test.reason) == ("error", "infrastructure: lost 3 times, on same")
    assert [attempt.record.outcome for attempt in test.attempts] == [AttemptOutcome.LOST] * 3
    assert (view(farm, run_id).state, view(farm, run_id).exit_code) == (RunState.CLOSED, 1)
    assert not farm.redis.exists(lease_key(run_id, 0), BEATS)


def test_a_message_that_died_with_its_worker_before_the_lease_was_taken_is_sent_again(farm: Farm) -> None:
    run_id = published(farm)
    FakeWorker(farm, "dead").pop()
    assert [recover(farm).republished for _ in range(3)] == [0, 0, 0]  # seen often, but within five seconds
    pass_time(farm, 5)
    assert recover(farm) == Recovered(republished=1, published=1)
    FakeWorker(farm).work()
    aggregate(farm, run_id)
    (test,) = report(farm, run_id).tests
    assert [attempt.record.lease for attempt in test.attempts] == [2]


def test_a_message_that_waits_long_in_its_queue_is_not_sent_again(farm: Farm) -> None:
    published(farm)
    for _ in range(4):
        pass_time(farm, 600)
        assert recover(farm) == Recovered()


def test_a_lost_message_is_noticed_although_its_queue_is_never_empty(farm: Farm) -> None:
    published(farm, 5)
    FakeWorker(farm, "dead").pop()
    recover(farm)
    pass_time(farm, 5)
    assert recover(farm).republished == 1


def test_a_wait_that_explains_itself_is_forgotten(farm: Farm) -> None:
    published(farm)
    worker = FakeWorker(farm)
    message = worker.pop()
    assert message is not None
    recover(farm)
    lease = worker.take(message)
    recover(farm)
    pass_time(farm, 5)
    assert lease is not None
    farm.redis.zrem(BEATS, lease.member)  # unexplained again: counted from now on
    assert recover(farm) == Recovered()


def test_a_message_that_never_arrives_ends_as_an_error_instead_of_an_eternal_wait(farm: Farm) -> None:
    run_id = published(farm)
    with farm.store.writing() as session:
        session.connection().execute(TESTS.update().values(lease=MAX_UNCOUNTED_LEASES))
    for _ in range(6):
        FakeWorker(farm, "hole").pop()
        recover(farm)
        pass_time(farm, 5)
    assert outcomes(farm, run_id) == ["error"]


def test_a_flushed_redis_ends_with_every_test_recorded_once(farm: Farm) -> None:
    run_id = published(farm, 30)
    before = FakeWorker(farm, "before")
    before.work(limit=8)
    aggregate(farm, run_id)
    before.work(limit=4)  # recorded, not merged: gone
    running = [before.take_next() for _ in range(3)]
    farm.redis.flushall()
    assert recover(farm) == Recovered()  # a new epoch: wait for workers to announce themselves
    for lease in running:
        assert lease is not None
        before.record(lease)  # finished meanwhile: the record counts, whatever became of its lease
    for _ in range(6):
        recover(farm)
        pass_time(farm, 6)
        FakeWorker(farm, "after").work()
        aggregate(farm, run_id)
    assert outcomes(farm, run_id) == ["passed"] * 30
    assert all(concluded(test) == 1 for test in report(farm, run_id).tests)
    assert view(farm, run_id).state is RunState.CLOSED
    assert_totals_agree(farm, run_id)


def test_a_new_epoch_or_a_long_absence_is_given_a_heartbeats_time(farm: Farm) -> None:
    published(farm)
    FakeWorker(farm, "silent").take_next()
    pass_time(farm, 60)
    farm.redis.delete(EPOCH)  # another life of Redis, as far as anybody can see
    assert recover(farm).lost == 0
    assert recover(farm).lost == 0
    pass_time(farm, 5)
    assert recover(farm).lost == 1


def test_nothing_is_lost_at_the_first_look_of_a_farm(farm: Farm) -> None:
    submit_suites(farm, suite_text(1))
    dispatch(farm)
    FakeWorker(farm, "silent").take_next()
    pass_time(farm, 60)
    assert recover(farm).lost == 0


def test_ready_tests_that_nobody_published_are_published(farm: Farm) -> None:
    submit_suites(farm, suite_text(2, **WIDE))
    assert recover(farm).published == 2


def test_records_whose_wake_up_was_lost_are_merged(farm: Farm) -> None:
    run_id = published(farm, 2)
    FakeWorker(farm).work()
    assert recover(farm).stored == 2
    assert view(farm, run_id).state is RunState.CLOSED


def test_runs_of_another_pool_are_left_alone(farm: Farm) -> None:
    run_id = published(farm)
    with farm.store.writing() as session:
        session.connection().execute(TESTS.metadata.tables["runs"].update().values(pool="other"))
    pass_time(farm, 100)
    farm.redis.flushall()
    assert recover(farm) == Recovered()
    assert states(farm, run_id) == [TestState.PUBLISHED]


def test_dead_workers_and_old_heartbeats_are_forgotten(farm: Farm) -> None:
    worker = FakeWorker(farm, "old")
    worker.announce()
    farm.redis.lpush("tests.v1.default.own.old", "left over")
    farm.redis.zadd(BEATS, {"gone:1:1": 1})
    pass_time(farm, 200)
    FakeWorker(farm, "young").announce()
    recover(farm)
    assert farm.redis.zrange(WORKERS, 0, -1) == ["young"]
    assert farm.redis.zcard(BEATS) == 0
    assert not farm.redis.exists("tests.v1.default.own.old")


@pytest.mark.parametrize("rubbish", ["x", "-1", "9" * 40, ""])
def test_rubbish_in_a_lease_is_an_unexplained_wait_and_nothing_worse(farm: Farm, rubbish: str) -> None:
    run_id = published(farm)
    FakeWorker(farm).pop()
    farm.redis.hset(lease_key(run_id, 0), mapping={"lease": rubbish, "worker": rubbish, "taken_ms": rubbish})
    recover(farm)
    pass_time(farm, 5)
    assert recover(farm).republished == 1


def test_a_lost_attempt_has_the_times_of_its_lease(farm: Farm) -> None:
    run_id = published(farm)
    FakeWorker(farm, "dead").take_next()
    recover(farm, dead_workers=frozenset({"dead"}))
    (attempt,) = report(farm, run_id).tests[0].attempts
    assert attempt.record.started_at <= attempt.record.ended_at <= datetime.now(UTC)
    assert str(attempt.record.cause) == "worker lost: worker dead fell silent"
