"""Groups: one sandbox, one session, one worker, in order; what is passed over, and what may not be continued."""

from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.models.suite import Isolation
from tests.conftest import CallLog
from tests.integration.workers.farm import SHARD, Farm, plan_of, tool_test
from tests.waiting import wait_until
from workers.leases import BEATS, cancelled_key, lease_key


def test_members_run_in_order_on_one_session_and_in_one_sandbox(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    write = tool_test(0, "write_file", {"path": "note", "text": "kept"}, group="notes")
    read = tool_test(1, "read_file", {"path": "note"}, group="notes", depends_on=(0,))
    read_by_path = tool_test(2, "read_file", {"path": "${sandbox}/note"}, group="notes")

    farm.publish(plan_of([write, read, read_by_path], call_log))

    records = farm.wait_for_records(3)
    assert [record.outcome for record in records] == [AttemptOutcome.PASSED] * 3
    assert [record.session and record.session.position for record in records] == [0, 1, 2]
    assert len(call_log.starts()) == 1
    wait_until(lambda: not farm.redis.keys("farm:lease:*"), message="all leases to end")
    assert farm.redis.zcard(BEATS) == 0
    assert farm.waiting(farm.own_queue()) == 0


def test_groups_do_not_see_each_other(farm: Farm) -> None:
    farm.start_worker()
    write = tool_test(0, "write_file", {"path": "note", "text": "mine"}, group="one")
    read_elsewhere = tool_test(1, "read_file", {"path": "note"}, group="two")

    farm.publish(plan_of([write, read_elsewhere]))

    assert [record.outcome for record in farm.wait_for_records(2)] == [AttemptOutcome.PASSED, AttemptOutcome.FAILED]


def test_what_depends_on_a_failure_is_passed_over_and_the_rest_runs(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    tests = [
        tool_test(0, "fail", group="g"),
        tool_test(1, group="g", depends_on=(0,)),
        tool_test(2, group="g", depends_on=(1,)),
        tool_test(3, group="g"),
    ]

    farm.publish(plan_of(tests, call_log))

    records = farm.wait_for_records(4)
    outcomes = [record.outcome for record in records]
    assert outcomes == [AttemptOutcome.FAILED, None, None, AttemptOutcome.PASSED]
    assert [record.cause and record.cause.kind for record in records[1:3]] == [CauseKind.DEPENDENCY] * 2
    assert "t0" in str(records[1].cause) and "t1" in str(records[2].cause)
    assert call_log.calls() == 2


def test_a_session_that_dies_is_opened_again_in_the_same_sandbox(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    tests = [
        tool_test(0, "write_file", {"path": "note", "text": "kept"}, group="g"),
        tool_test(1, "die", group="g"),
        tool_test(2, "read_file", {"path": "note"}, group="g"),
    ]

    farm.publish(plan_of(tests, call_log))

    records = farm.wait_for_records(3)
    assert [record.outcome for record in records] == [
        AttemptOutcome.PASSED,
        AttemptOutcome.ERROR,
        AttemptOutcome.PASSED,
    ]
    assert len(call_log.starts()) == 3  # the first, the confirmation, and one for the last test


def test_a_member_without_its_group_is_not_taken(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    members = [tool_test(0, group="g"), tool_test(1, group="g")]
    plan = plan_of(members, call_log)
    digest = farm.put_blob(plan.model_dump_json().encode())
    farm.redis.hset(lease_key("r1", 1), "lease", 1)

    farm.redis.lpush(SHARD, farm.message(members[1], digest))
    farm.publish(plan_of([tool_test(9)]), "afterwards")

    farm.wait_for_records(1, "afterwards")
    farm.stop_worker()
    assert farm.records() == []
    assert farm.redis.hgetall(lease_key("r1", 1)) == {"lease": "1"}


def test_a_member_that_comes_twice_runs_once(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    members = [tool_test(0, "sleep", {"seconds": 0.5}, group="g"), tool_test(1, group="g")]
    digest = farm.publish(plan_of(members, call_log))

    farm.redis.lpush(SHARD, farm.message(members[0], digest))

    farm.wait_for_records(2)
    farm.stop_worker()
    assert [record.number for record in farm.records()] == [0, 1]
    assert call_log.calls() == 2


def test_a_group_whose_next_lease_is_gone_ends_here(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    members = [tool_test(0, "sleep", {"seconds": 0.5}, group="g"), tool_test(1, group="g")]
    farm.publish(plan_of(members, call_log))
    wait_until(lambda: farm.taken_by(0) == "w1", message="the head to be taken")

    farm.redis.hset(lease_key("r1", 1), "lease", 2)

    farm.wait_for_records(1)
    farm.stop_worker()
    assert [record.number for record in farm.records()] == [0]
    assert call_log.calls() == 1


def test_a_group_whose_next_member_waits_when_its_run_is_cancelled_is_recorded(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=4, MCPF_SESSIONS_PER_TARGET="2", MCPF_GRACE_S="0")
    farm.publish(plan_of([tool_test(0, "sleep", {"seconds": 60})], call_log), "long")
    members = [tool_test(n, "sleep", {"seconds": 1}, group="g") for n in range(3)]
    farm.publish(plan_of(members, call_log))
    wait_until(lambda: call_log.calls() == 2, message="the head and another test to run")
    farm.publish(plan_of([tool_test(0)], call_log), "suspect", alone=True)
    farm.wait_for_records(1)

    farm.redis.set(cancelled_key("r1"), 1)

    _, ended = farm.wait_for_records(2, within_s=3)
    assert (ended.number, ended.outcome) == (1, AttemptOutcome.ABORTED)
    assert ended.cause is not None and ended.cause.kind is CauseKind.CANCELLED
    assert farm.redis.hgetall(lease_key("r1", 1)) == {} and farm.redis.hgetall(lease_key("r1", 2)) == {"lease": "1"}


def test_a_fresh_test_gets_a_session_of_its_own(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=1)
    tests = [tool_test(0, "count"), tool_test(1, "count", isolation=Isolation.FRESH), tool_test(2, "count")]

    farm.publish(plan_of(tests, call_log))

    records = farm.wait_for_records(3)
    positions = sorted(record.session.position for record in records if record.session)
    assert positions == [0, 0, 1] and len(call_log.starts()) == 2
    fresh = records[1]
    assert fresh.sessions_started and fresh.session and fresh.session.position == 0
