"""A test that is tried again: on a session of its own, or while nothing else runs in its worker."""

from harness.models.outcomes import AttemptOutcome
from tests.conftest import CallLog
from tests.integration.workers.farm import Farm, plan_of, tool_test
from tests.waiting import wait_until
from workers.leases import BEATS, worker_key

OTHERS = [tool_test(n, "sleep", {"seconds": 0.3}) for n in range(8)]


def test_a_retry_is_run_on_a_session_of_its_own(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=1)
    plan = plan_of([tool_test(n, "count") for n in range(2)], call_log)
    farm.publish(plan)
    farm.wait_for_records(2)

    farm.publish(plan, lease=2, fresh=True)

    warm, again = ([record for record in farm.wait_for_records(4) if record.lease == lease] for lease in (1, 2))
    assert [record.session and record.session.position for record in warm] == [0, 1]
    assert [record.session and record.session.position for record in again] == [0, 0]
    assert len(call_log.starts()) == 3


def test_a_worker_says_which_tests_wait_in_it(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=4)
    farm.publish(plan_of([tool_test(0, "sleep", {"seconds": 30})], call_log))
    wait_until(lambda: call_log.calls() == 1, message="a test to run")

    farm.publish(plan_of([tool_test(0), tool_test(1)]), "suspects", alone=True)

    wait_until(lambda: farm.redis.hget(worker_key("w1"), "waiting") == "suspects:0:1 suspects:1:1", 12, "it to say so")
    assert farm.redis.zcard(BEATS) == 1


def test_a_suspect_runs_while_nothing_else_does(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=4, MCPF_SESSIONS_PER_TARGET="4")
    farm.publish(plan_of(OTHERS, call_log, max_concurrency=4))
    wait_until(lambda: call_log.calls() >= 2, message="others to run")
    farm.publish(plan_of([tool_test(0, "sleep", {"seconds": 0.5})], call_log), "suspect", alone=True)
    farm.publish(plan_of(OTHERS, call_log, max_concurrency=4), "later")

    (suspect,) = farm.wait_for_records(1, "suspect")
    others = farm.wait_for_records(len(OTHERS)) + farm.wait_for_records(len(OTHERS), "later")

    assert suspect.outcome is AttemptOutcome.PASSED
    before = [other for other in others if other.ended_at <= suspect.started_at]
    after = [other for other in others if other.started_at >= suspect.ended_at]
    assert len(before) + len(after) == len(others)
    assert before and after, "all on one side of it: nothing was proved"
