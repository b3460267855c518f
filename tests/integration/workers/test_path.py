"""The way of one test through a worker: lease, session, record; and what happens to messages that may not run."""

from harness.models.attempt import AttemptRecord
from harness.models.expected import Expected, FieldExpectation
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.models.server import Server
from tests.conftest import CallLog
from tests.integration.workers.farm import POOL, Farm, plan_of, tool_test
from tests.processes import alive
from tests.waiting import wait_until
from workers.leases import BEATS, cancelled_key, lease_key, wake_key
from workers.messages import interactive_queue

HELLO = Expected(fields=(FieldExpectation(path="$[0].text", value="hello"),))


def test_a_test_is_run_and_recorded_under_its_lease(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()

    farm.publish(plan_of([tool_test(0, expected=HELLO)], call_log))

    (record,) = farm.wait_for_records(1)
    assert (record.outcome, record.lease, record.worker, record.run_id) == (AttemptOutcome.PASSED, 1, "w1", "r1")
    assert record.session is not None and record.session.server_name == "plain"
    assert record.sessions_started == (record.session.session_id,)
    assert record.timing.call_s is not None and record.timing.call_s <= record.timing.total_s
    assert call_log.calls() == 1
    wait_until(lambda: not farm.redis.exists(lease_key("r1", 0)), message="the lease to end with the record")
    assert farm.redis.zcard(BEATS) == 0


def test_every_way_to_not_pass_has_its_outcome_and_cause(farm: Farm) -> None:
    farm.start_worker()
    tests = [
        tool_test(0, expected=Expected(fields=(FieldExpectation(path="$[0].text", value="bye"),))),
        tool_test(1, "fail", {"message": "broken"}),
        tool_test(2, "nope"),
        tool_test(3, "die"),
        tool_test(4, "sleep", {"seconds": 30}, timeout_s=0.3),
        tool_test(5, "fail", {"message": "as it should"}, expected=Expected(error=True)),
    ]

    farm.publish(plan_of(tests))

    records = farm.wait_for_records(len(tests))
    assert [_verdict(record) for record in records] == [
        (AttemptOutcome.FAILED, CauseKind.CHECK),
        (AttemptOutcome.FAILED, CauseKind.UNEXPECTED_ERROR),
        (AttemptOutcome.ERROR, CauseKind.NO_SUCH_TOOL),
        (AttemptOutcome.ERROR, CauseKind.SERVER_DIED),
        (AttemptOutcome.TIMEOUT, CauseKind.TIME_LIMIT),
        (AttemptOutcome.PASSED, None),
    ]
    assert "about to die" in records[3].stderr_tail and "exit code 3" in str(records[3].cause)


def test_a_server_that_does_not_start_ends_all_its_tests_soon(farm: Farm) -> None:
    farm.start_worker()
    plan = plan_of([tool_test(n) for n in range(60)], server=Server(command="/bin/sh", args=("-c", "echo no >&2")))

    farm.publish(plan)

    records = farm.wait_for_records(60)
    assert {_verdict(record) for record in records} == {(AttemptOutcome.ERROR, CauseKind.SERVER_UNAVAILABLE)}
    assert all("no" in record.stderr_tail for record in records)


def test_a_message_without_a_right_to_run_is_dropped(farm: Farm, call_log: CallLog) -> None:
    tests = [tool_test(n) for n in range(4)]
    digest = farm.publish(plan_of(tests, call_log))
    farm.redis.delete(lease_key("r1", 0))  # Redis was emptied
    farm.redis.hset(lease_key("r1", 1), "lease", 2)  # a later lease is current
    farm.redis.hset(lease_key("r1", 2), "token", "of somebody else")  # taken already
    farm.redis.lpush("tests.v1.default.0", farm.message(tests[3], digest))  # the same message twice

    farm.start_worker()

    assert [record.number for record in farm.wait_for_records(1)] == [3]
    wait_until(lambda: not farm.waiting(), message="all messages to be taken")
    farm.stop_worker()
    assert [record.number for record in farm.records()] == [3]
    assert call_log.calls() == 1


def test_no_test_of_a_cancelled_run_is_begun(farm: Farm, call_log: CallLog) -> None:
    farm.publish(plan_of([tool_test(0)], call_log), "cancelled")
    farm.redis.set(cancelled_key("cancelled"), 1)
    farm.publish(plan_of([tool_test(0)], call_log), "other")

    farm.start_worker()

    farm.wait_for_records(1, "other")
    farm.stop_worker()
    assert farm.records("cancelled") == []


def test_a_plan_that_cannot_be_had_makes_its_tests_lost(farm: Farm) -> None:
    missing = farm.publish(plan_of([tool_test(0)]), "missing")
    damaged = farm.publish(plan_of([tool_test(0)], max_concurrency=1), "damaged")
    farm.blob(missing).unlink()
    farm.blob(damaged).write_bytes(b"{}")

    farm.start_worker()

    for run_id in ("missing", "damaged"):
        (record,) = farm.wait_for_records(1, run_id)
        assert _verdict(record) == (AttemptOutcome.LOST, CauseKind.INFRASTRUCTURE)


def test_the_first_record_after_a_wake_up_wakes_the_farm(farm: Farm) -> None:
    farm.start_worker()

    farm.publish(plan_of([tool_test(n) for n in range(5)]))

    farm.wait_for_records(5)
    assert farm.waiting("control") == 1
    farm.redis.delete(wake_key("r1"))
    farm.publish(plan_of([tool_test(9)]))
    farm.wait_for_records(6)
    assert farm.waiting("control") == 2


def test_an_embedded_worker_wakes_nobody(farm: Farm) -> None:
    farm.start_worker(MCPF_WAKE="false")

    farm.publish(plan_of([tool_test(0)]))

    farm.wait_for_records(1)
    assert farm.waiting("control") == 0


def test_a_worker_that_stops_leaves_nothing_behind(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    farm.publish(plan_of([tool_test(n) for n in range(8)], call_log))
    farm.wait_for_records(8)

    assert farm.stop_worker() == 0

    assert not any(alive(pid) for pid in call_log.starts())
    assert list((farm.directory / "scratch").iterdir()) == []
    assert farm.redis.keys("farm:worker*") == []


def _verdict(record: AttemptRecord) -> tuple[AttemptOutcome | None, CauseKind | None]:
    return record.outcome, record.cause and record.cause.kind


def test_interactive_runs_go_before_what_waits_in_the_shards(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=1)
    plan = plan_of([tool_test(n, "sleep", {"seconds": 0.4}) for n in range(8)], call_log)
    farm.publish(plan)
    wait_until(lambda: call_log.calls() == 1, message="the first to run")

    farm.publish(plan_of([tool_test(0)], call_log), "soon", queue=interactive_queue(POOL))

    (soon,) = farm.wait_for_records(1, "soon")
    others = farm.wait_for_records(8)
    assert sum(other.started_at < soon.started_at for other in others) <= 2
