"""A worker that can start no server leaves its tests to others and takes itself out. A bad target is no reason to."""

import shutil

from harness.models.job import SuitePlan
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.models.server import Server
from tests.integration.workers.farm import Farm, plan_of, tool_test
from tests.integration.workers.supervised import supervised
from tests.waiting import wait_until
from workers.departure import EXIT_SICK

COUNT = 12


def test_a_worker_that_can_start_nothing_leaves_all_tests_to_the_good_one(farm: Farm) -> None:
    farm.start_worker("good", slots=2)
    farm.start_worker("sick", slots=2)
    _break(farm, "sick")
    plans = {run_id: _plan(run_id) for run_id in ("r1", "r2")}
    for run_id, plan in plans.items():
        farm.publish(plan, run_id)

    assert farm.workers["sick"].wait(40) == EXIT_SICK
    for run_id, plan in plans.items():
        farm.wait_for_records(COUNT, run_id)
        _publish_lost_again(farm, plan, run_id)

    records = [record for run_id in plans for record in farm.records(run_id)]
    lost = [record for record in records if record.worker == "sick"]
    passed = [record for record in records if record.worker == "good"]
    assert {record.outcome for record in lost} == {AttemptOutcome.LOST} and len(lost) >= 5
    assert all("this worker cannot start any server" in str(record.cause) for record in lost)
    assert {record.outcome for record in passed} == {AttemptOutcome.PASSED} and len(passed) == 2 * COUNT
    assert "worker.sick" in farm.log("sick")


def test_a_broken_target_makes_no_worker_sick(farm: Farm) -> None:
    farm.start_worker(slots=4)
    for run_id in ("r1", "r2"):
        broken = _plan(run_id).model_copy(update={"server": Server(command="/no/such/program")})
        farm.publish(broken, run_id)

    records = [record for run_id in ("r1", "r2") for record in farm.wait_for_records(COUNT, run_id)]

    assert {record.cause and record.cause.kind for record in records} == {CauseKind.SERVER_UNAVAILABLE}
    assert farm.workers["w1"].poll() is None and "canary.died" not in farm.log()
    farm.publish(plan_of([tool_test(0)]), "good")
    assert [record.outcome for record in farm.wait_for_records(1, "good")] == [AttemptOutcome.PASSED]


def test_a_supervisor_replaces_a_sick_worker(farm: Farm) -> None:
    with supervised(farm, processes=1):
        wait_until(lambda: farm.redis.exists("farm:worker:w-1-1"), 30, "the worker to announce itself")
        _break(farm, "w-1-1")
        for run_id in ("r1", "r2"):
            farm.publish(_plan(run_id), run_id)

        wait_until(lambda: farm.redis.exists("farm:worker:w-1-2"), 40, "its replacement to announce itself")
        for run_id in ("r1", "r2"):
            farm.wait_for_records(COUNT, run_id)
            _publish_lost_again(farm, _plan(run_id), run_id)


def _plan(target: str) -> SuitePlan:
    return plan_of([tool_test(n, "sleep", {"seconds": 0.3}) for n in range(COUNT)]).model_copy(
        update={"target": target}
    )


def _break(farm: Farm, name: str) -> None:
    """Take away where it makes its sandboxes: no server can be started without one."""
    (scratch,) = (farm.directory / "scratch").glob(f"{name}-*")
    shutil.rmtree(scratch)


def _publish_lost_again(farm: Farm, plan: SuitePlan, run_id: str) -> None:
    """Play recovery: what was lost gets the next lease."""
    lost = {record.number for record in farm.records(run_id) if record.outcome is AttemptOutcome.LOST}
    tests = tuple(test for test in plan.tests if test.number in lost)
    farm.publish(plan.model_copy(update={"tests": tests}), run_id, lease=2)
    farm.wait_for_records(COUNT + len(lost), run_id)
