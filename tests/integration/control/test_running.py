"""What workers run now, and what tests usually take: on both databases and a real Redis."""

from harness.models.run import RunningTests
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.operate.running import running_tests
from scheduler.reports.usual import Usual
from scheduler.store.durations import usual_durations
from tests.integration.control.fake_worker import FakeWorker, fails
from tests.integration.control.runs import submit_suites, suite_text
from workers.leases import lease_key


def running(farm: Farm, run_id: str) -> RunningTests:
    with farm.store.session() as session:
        return running_tests(farm.redis, session, run_id)


def usual(farm: Farm, run_id: str) -> Usual:
    with farm.store.session() as session:
        return usual_durations(session, run_id)


def test_what_a_worker_has_taken_runs_and_what_is_queued_does_not(farm: Farm) -> None:
    run_id = submit_suites(farm, suite_text(3)).run_id
    assert running(farm, run_id) == RunningTests()
    dispatch(farm)
    assert running(farm, run_id) == RunningTests()
    worker = FakeWorker(farm)
    message = worker.pop()
    assert message is not None
    lease = worker.take(message)
    assert lease is not None
    found = running(farm, run_id)
    assert (found.total, [(test.number, test.test_id, test.worker) for test in found.tests]) == (
        1,
        [(message.number, message.test_id, "fake-1")],
    )
    assert found.tests[0].for_s is not None and found.tests[0].for_s >= 0
    farm.redis.hset(lease_key(run_id, message.number), "lease", "99")
    assert running(farm, run_id) == RunningTests(), "a lease that is no longer the test's"
    worker.record(lease)
    assert running(farm, run_id) == RunningTests()


def test_what_tests_take_is_learnt_from_runs_of_the_same_scope(farm: Farm) -> None:
    def run(verdict: object = None, name: str = "plain") -> str:
        run_id = submit_suites(farm, suite_text(2, name=name)).run_id
        dispatch(farm)
        FakeWorker(farm).work(fails(1)) if verdict else FakeWorker(farm).work()
        aggregate(farm, run_id)
        return run_id

    first = run("the second fails")
    assert usual(farm, first) == Usual()
    run(name="other")
    second = usual(farm, run())
    assert set(second.median_s) == {"default/s0/plain/echo/t0"}, "what failed tells nothing"
    assert second.run_s is not None and not second.p95_s
    for _ in range(4):
        last = run()
    found = usual(farm, last)
    assert set(found.median_s) == {"default/s0/plain/echo/t0", "default/s0/plain/echo/t1"}
    assert set(found.p95_s) == {"default/s0/plain/echo/t0"}
