"""How a worker ends, and what becomes of the tests that it holds: warm, cold, killed, orphaned; nothing is lost."""

import signal
import time
from itertools import islice

from harness.models.outcomes import AttemptOutcome, CauseKind
from tests.conftest import CallLog
from tests.integration.workers.farm import Farm, plan_of, tool_test
from tests.processes import alive
from tests.waiting import wait_until
from workers.leases import BEATS, lease_key, worker_key


def test_a_warm_stop_lets_running_tests_end(farm: Farm) -> None:
    farm.start_worker(slots=2, MCPF_SESSIONS_PER_TARGET="2")
    farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 1.0}) for n in range(6)]))
    wait_until(lambda: farm.redis.zcard(BEATS) == 2, message="two tests to run")

    assert farm.stop_worker() == 0

    records = farm.records()
    assert [record.outcome for record in records] == [AttemptOutcome.PASSED] * len(records)
    assert len(records) + farm.waiting() == 6 and farm.waiting() >= 2
    assert farm.redis.zcard(BEATS) == 0


def test_a_worker_that_lets_its_tests_end_declares_no_slots(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=2)
    farm.publish(plan_of([tool_test(0, "sleep", {"seconds": 60})], call_log))
    wait_until(lambda: call_log.calls() == 1, message="a test to run")

    farm.workers["w1"].send_signal(signal.SIGTERM)

    wait_until(lambda: farm.redis.hget(worker_key("w1"), "slots") == "0", message="it to say that it takes no more")
    assert farm.workers["w1"].poll() is None and farm.records() == []


def test_a_worker_leaves_the_list_before_its_own_queue_goes(farm: Farm) -> None:
    farm.start_worker()
    left, gone = "ZREM farm:workers w1", f"DEL {farm.own_queue()}"
    with farm.redis.monitor() as monitor:
        farm.stop_worker()
        heard = (said["command"] for said in monitor.listen())
        assert list(islice((command for command in heard if command in (left, gone)), 2)) == [left, gone]


def test_what_still_runs_when_the_grace_is_over_is_handed_back(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=2, MCPF_GRACE_S="2.5")
    short, long = tool_test(0, "sleep", {"seconds": 1}), tool_test(1, "sleep", {"seconds": 60})
    farm.publish(plan_of([short, long], call_log))
    wait_until(lambda: call_log.calls() == 2, message="both tests to run")

    assert farm.stop_worker() == 0

    assert [(record.number, record.outcome) for record in farm.records()] == [(0, AttemptOutcome.PASSED)]
    assert farm.waiting() == 1 and farm.redis.hgetall(lease_key("r1", 1)) == {"lease": "1"}
    assert farm.redis.zcard(BEATS) == 0 and not any(alive(pid) for pid in call_log.starts())


def test_a_second_signal_hands_back_at_once(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=2)
    farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 60}) for n in range(2)], call_log))
    wait_until(lambda: call_log.calls() == 2, message="both tests to run")

    farm.workers["w1"].send_signal(signal.SIGTERM)
    wait_until(lambda: "Warm shutdown" in farm.log(), message="the warm stop to begin")
    assert farm.stop_worker() == 0

    assert farm.records() == [] and farm.waiting() == 2


def test_what_has_not_begun_goes_back_while_others_still_run(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=4)
    farm.publish(plan_of([tool_test(0, "sleep", {"seconds": 6})], call_log))
    wait_until(lambda: call_log.calls() == 1, message="a test to run")
    farm.publish(plan_of([tool_test(0), tool_test(1)], call_log), "suspects", alone=True)
    wait_until(lambda: farm.waiting() == 0, message="the suspects to wait in the worker")

    farm.workers["w1"].send_signal(signal.SIGTERM)

    wait_until(lambda: farm.waiting() == 2, 5, "the suspects to be in their queue again")
    assert farm.records() == []
    assert farm.stop_worker() == 0  # the second signal: it need not run to its end
    assert farm.waiting() == 3


def test_no_message_lies_in_a_worker_that_only_lets_its_tests_end(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=4)
    farm.publish(plan_of([tool_test(0, "sleep", {"seconds": 8})], call_log))
    wait_until(lambda: call_log.calls() == 1, message="a test to run")
    farm.workers["w1"].send_signal(signal.SIGTERM)

    for number in range(12):
        farm.publish(plan_of([tool_test(number)], call_log), "late")
        seen = time.monotonic()
        wait_until(lambda: time.monotonic() > seen + 0.15)  # noqa: B023 - called at once

    wait_until(lambda: farm.waiting() + len(farm.records("late")) == 12, 4, "every message to be done or in its queue")
    assert farm.records() == [] and farm.waiting()


def test_a_group_is_given_up_as_soon_as_its_member_has_ended(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    members = [tool_test(n, "sleep", {"seconds": 2.5 if n == 0 else 60}, group="g") for n in range(3)]
    farm.publish(plan_of([*members, tool_test(9, "sleep", {"seconds": 60})], call_log))
    wait_until(lambda: call_log.calls() == 2, message="the head and another test to run")

    farm.workers["w1"].send_signal(signal.SIGTERM)

    wait_until(lambda: len(farm.records()) == 2, message="the group to be given up")
    lost = farm.records()[1]
    assert (lost.number, lost.outcome) == (1, AttemptOutcome.LOST)
    assert lost.cause is not None and lost.cause.kind is CauseKind.HANDED_BACK
    assert alive(farm.workers["w1"].pid)


def test_a_cold_stop_hands_everything_back(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=2)
    farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 30}) for n in range(6)], call_log))
    wait_until(lambda: farm.redis.zcard(BEATS) == 2, message="two tests to run")

    farm.stop_worker(how=signal.SIGQUIT)

    assert farm.records() == []
    assert farm.waiting() == 6
    assert farm.redis.zcard(BEATS) == 0
    assert [farm.redis.hgetall(lease_key("r1", n)) for n in range(6)] == [{"lease": "1"}] * 6
    assert not any(alive(pid) for pid in call_log.starts())


def test_a_cold_stop_does_not_hand_back_what_must_not_be_called_twice(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=2)
    once, often = tool_test(0, "sleep", {"seconds": 30}, idempotent=False), tool_test(1, "sleep", {"seconds": 30})
    farm.publish(plan_of([once, often], call_log))
    wait_until(lambda: call_log.calls() == 2, message="both tests to run")

    farm.stop_worker(how=signal.SIGQUIT)

    (record,) = farm.records()
    assert (record.number, record.outcome, record.request_written) == (0, AttemptOutcome.LOST, True)
    assert record.cause is not None and record.cause.kind is CauseKind.HANDED_BACK
    assert farm.waiting() == 1


def test_a_cold_stop_may_give_running_tests_a_while(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=2, MCPF_SOFT_STOP_S="2.5")
    short, long = tool_test(0, "sleep", {"seconds": 1}), tool_test(1, "sleep", {"seconds": 60})
    farm.publish(plan_of([short, long], call_log))
    wait_until(lambda: call_log.calls() == 2, message="both tests to run")

    farm.stop_worker(how=signal.SIGQUIT)

    assert [(record.number, record.outcome) for record in farm.records()] == [(0, AttemptOutcome.PASSED)]
    assert farm.waiting() == 1 and farm.redis.hgetall(lease_key("r1", 1)) == {"lease": "1"}


def test_a_cold_stop_ends_even_when_redis_is_away(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 60}) for n in range(2)], call_log))
    wait_until(lambda: call_log.calls() == 2, message="both tests to run")

    farm.server.process.kill()
    farm.server.process.wait()

    farm.stop_worker(how=signal.SIGQUIT, within_s=30)
    assert not any(alive(pid) for pid in call_log.starts())
    assert list((farm.directory / "scratch").rglob("*")) == [], farm.log()


def test_tests_handed_back_are_run_by_another_worker(farm: Farm) -> None:
    farm.start_worker(slots=4)
    farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 1.5}) for n in range(4)]))
    wait_until(lambda: farm.redis.zcard(BEATS) == 4, message="four tests to be taken")
    farm.stop_worker(how=signal.SIGQUIT)

    farm.start_worker("w2")

    records = farm.wait_for_records(4)
    assert {record.worker for record in records} == {"w2"}
    assert [record.outcome for record in records] == [AttemptOutcome.PASSED] * 4


def test_a_second_signal_turns_a_warm_stop_into_a_cold_one(farm: Farm) -> None:
    farm.start_worker(slots=2)
    farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 40}) for n in range(3)]))
    wait_until(lambda: farm.redis.zcard(BEATS) == 2, message="two tests to run")

    farm.workers["w1"].send_signal(signal.SIGTERM)
    wait_until(lambda: "Warm shutdown" in farm.log(), message="the warm stop to begin")
    farm.stop_worker(how=signal.SIGQUIT)

    assert farm.records() == []
    assert farm.waiting() == 3


def test_a_group_in_flight_is_given_up_at_a_cold_stop(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 30}, group="g") for n in range(3)], call_log))
    wait_until(lambda: call_log.calls() == 1, message="the head to run")

    farm.stop_worker(how=signal.SIGQUIT)

    (record,) = farm.records()
    assert (record.number, record.outcome) == (0, AttemptOutcome.LOST)
    assert record.cause is not None and record.cause.kind is CauseKind.HANDED_BACK
    assert farm.waiting() == 0 and farm.waiting(farm.own_queue()) == 0


def test_a_group_in_flight_is_given_up_after_its_member_at_a_warm_stop(farm: Farm) -> None:
    farm.start_worker()
    farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 1}, group="g") for n in range(3)]))
    wait_until(lambda: farm.redis.zcard(BEATS) == 1, message="the head to run")

    assert farm.stop_worker() == 0

    records = farm.records()
    assert [record.outcome for record in records[:-1]] == [AttemptOutcome.PASSED] * (len(records) - 1)
    assert records[-1].outcome is AttemptOutcome.LOST
    assert farm.waiting(farm.own_queue()) == 0 and farm.redis.zcard(BEATS) == 0


def test_a_killed_worker_takes_its_servers_with_it_and_its_leases_fall_silent(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=2)
    farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 60}) for n in range(2)], call_log))
    wait_until(lambda: call_log.calls() == 2, message="both tests to run")

    farm.stop_worker(how=signal.SIGKILL)

    wait_until(lambda: not any(alive(pid) for pid in call_log.starts()), message="the servers to end")
    assert farm.redis.zcard(BEATS) == 2
    assert [farm.taken_by(number) for number in range(2)] == ["w1", "w1"]


def test_a_worker_whose_parent_is_gone_hands_back_and_goes(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=2)
    farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 60}) for n in range(2)], call_log))
    wait_until(lambda: call_log.calls() == 2, message="both tests to run")
    worker = farm.workers.pop("w1")

    assert worker.stdin is not None
    worker.stdin.close()
    worker.wait(15)

    assert farm.waiting() == 2
    assert list((farm.directory / "scratch").iterdir()) == []
    assert not any(alive(pid) for pid in call_log.starts())
