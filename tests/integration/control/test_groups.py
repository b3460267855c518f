"""Groups: one lease number, one worker, in order; lost together, started again together."""

from harness.models.outcomes import AttemptOutcome
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.control.recover import recover
from scheduler.state.machine import TestState
from scheduler.store.counters import test_totals
from tests.integration.control.clock import believe, pass_time
from tests.integration.control.fake_worker import FakeWorker
from tests.integration.control.runs import (
    accepted,
    assert_totals_agree,
    outcomes,
    report,
    states,
    submit_suites,
    suite_text,
    view,
)

DEAD = frozenset({"dead"})


def group_run(farm: Farm, count: int = 3) -> str:
    """A submitted and published run of one group."""
    run = submit_suites(farm, suite_text(count, isolation="suite"))
    believe(farm)
    dispatch(farm)
    return run.run_id


def counted(farm: Farm) -> dict[str, int]:
    """Tests by outcome as the counters have them."""
    with farm.store.session() as session:
        return next(iter(test_totals(session).values()), {})


def test_a_group_whose_worker_is_lost_starts_again_at_its_head(farm: Farm) -> None:
    run_id = group_run(farm)
    dead = FakeWorker(farm, "dead")
    dead.work(limit=1)  # and its message of the second member dies with it
    aggregate(farm, run_id)
    assert outcomes(farm, run_id) == ["passed", None, None]
    assert recover(farm, dead_workers=DEAD).lost == 1
    assert view(farm, run_id).totals == {}
    assert states(farm, run_id) == [TestState.PUBLISHED] * 3
    alive = FakeWorker(farm, "alive")
    alive.work()
    assert alive.ran == [0, 1, 2]
    aggregate(farm, run_id)
    assert outcomes(farm, run_id) == ["passed"] * 3
    assert_totals_agree(farm, run_id)


def test_what_a_group_recorded_before_it_started_again_is_shown_as_superseded(farm: Farm) -> None:
    run_id = group_run(farm)
    FakeWorker(farm, "dead").work(limit=2)
    aggregate(farm, run_id)
    recover(farm, dead_workers=DEAD)
    FakeWorker(farm, "alive").work()
    aggregate(farm, run_id)
    shown = [
        [(a.record.lease, a.record.outcome, a.superseded) for a in test.attempts] for test in report(farm, run_id).tests
    ]
    assert shown == [
        [(1, "passed", True), (2, "passed", False)],
        [(1, "passed", True), (2, "passed", False)],
        [(1, "lost", False), (2, "passed", False)],
    ]


def test_a_record_of_the_old_generation_that_comes_late_is_stale(farm: Farm) -> None:
    run_id = group_run(farm)
    FakeWorker(farm, "dead").work(limit=2)  # recorded, but not merged before the group is lost
    late = farm.redis.xrange(f"farm:records:{run_id}")
    farm.redis.delete(f"farm:records:{run_id}")
    recover(farm, dead_workers=DEAD)
    FakeWorker(farm, "alive").work()
    for _, fields in late:
        farm.redis.xadd(f"farm:records:{run_id}", fields)
    aggregate(farm, run_id)
    assert outcomes(farm, run_id) == ["passed"] * 3
    assert view(farm, run_id).stale_records == 2
    assert all(accepted(test) >= 1 for test in report(farm, run_id).tests)


def test_a_group_is_counted_once_when_it_is_complete_and_never_before(farm: Farm) -> None:
    run_id = group_run(farm)
    FakeWorker(farm, "dead").work(limit=2)
    aggregate(farm, run_id)
    assert counted(farm) == {}
    recover(farm, dead_workers=DEAD)
    FakeWorker(farm, "alive").work(
        lambda message: AttemptOutcome.FAILED if message.number == 0 else AttemptOutcome.PASSED
    )
    aggregate(farm, run_id)
    assert counted(farm) == {"passed": 2, "failed": 1}


def test_a_group_lost_three_times_keeps_what_it_recorded_and_ends(farm: Farm) -> None:
    run_id = group_run(farm)
    for _ in range(3):
        FakeWorker(farm, "dead").work(limit=1)
        aggregate(farm, run_id)
        recover(farm, dead_workers=DEAD)
    assert outcomes(farm, run_id) == ["passed", "error", "error"]
    tests = report(farm, run_id).tests
    assert tests[1].reason == "infrastructure: lost 3 times, on dead"
    assert tests[2].reason == "infrastructure: its group was lost"
    assert view(farm, run_id).exit_code == 1
    assert counted(farm) == {"passed": 1, "error": 2}
    assert_totals_agree(farm, run_id)


def test_a_member_that_could_not_run_starts_the_whole_group_again(farm: Farm) -> None:
    run_id = group_run(farm)
    worker = FakeWorker(farm, "first")
    worker.work(limit=1)
    lease = worker.take_next()
    assert lease is not None and lease.number == 1
    farm.redis.delete(f"farm:lease:{run_id}:2")  # a worker that gives a group up hands nothing over
    worker.record(lease, AttemptOutcome.LOST)
    aggregate(farm, run_id)
    second = FakeWorker(farm, "second")
    second.work()
    assert second.ran == [0, 1, 2]
    aggregate(farm, run_id)
    assert outcomes(farm, run_id) == ["passed"] * 3


def test_a_group_that_nobody_goes_on_with_is_noticed(farm: Farm) -> None:
    run_id = group_run(farm)
    FakeWorker(farm, "careless").work(limit=1)
    farm.redis.delete(f"farm:lease:{run_id}:1", f"farm:lease:{run_id}:2")  # as after a flush
    farm.redis.delete("farm:beats")
    recover(farm)
    pass_time(farm, 5)
    recover(farm)
    worker = FakeWorker(farm, "alive")
    worker.work()
    assert worker.ran == [0, 1, 2]
    aggregate(farm, run_id)
    assert outcomes(farm, run_id) == ["passed"] * 3


def test_members_passed_over_by_their_worker_are_skipped_with_the_reason(farm: Farm) -> None:
    run_id = group_run(farm)
    FakeWorker(farm).work(lambda message: AttemptOutcome.FAILED if message.number == 0 else None)
    aggregate(farm, run_id)
    assert outcomes(farm, run_id) == ["failed", "skipped", "skipped"]
    assert report(farm, run_id).tests[1].reason == "check: as the test wants"
