"""What reaches into a running test: a cancelled run, a lost lease, an operator, a time limit; and Redis going away."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from celery import Celery
from redis.exceptions import RedisError

from harness.models.job import PlannedTest
from harness.models.outcomes import AttemptOutcome, CauseKind
from scheduler.operate.embedded_redis import RedisServer, find_server, start_redis
from tests.conftest import CallLog
from tests.integration.workers.farm import SHARD, Farm, plan_of, tool_test
from tests.waiting import wait_until
from workers.broker import build_app
from workers.leases import BEATS, cancelled_key, lease_key


def test_a_running_test_of_a_cancelled_run_is_aborted_and_recorded(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    farm.publish(plan_of([tool_test(0, "sleep", {"seconds": 60})], call_log))
    wait_until(lambda: call_log.calls() == 1, message="the test to run")

    farm.redis.set(cancelled_key("r1"), "enough")

    (record,) = farm.wait_for_records(1, within_s=4)
    assert record.outcome is AttemptOutcome.ABORTED
    assert record.cause is not None and record.cause.kind is CauseKind.CANCELLED


def test_a_test_whose_lease_was_given_to_another_is_ended_without_a_record(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=1)
    farm.publish(plan_of([tool_test(0, "sleep", {"seconds": 60})], call_log))
    wait_until(lambda: call_log.calls() == 1, message="the test to run")

    farm.redis.hset(lease_key("r1", 0), mapping={"lease": 2, "token": "another"})
    farm.publish(plan_of([tool_test(0)]), "next")

    farm.wait_for_records(1, "next", within_s=12)
    assert farm.records() == []
    assert farm.redis.hget(lease_key("r1", 0), "lease") == "2"
    assert farm.redis.zcard(BEATS) == 0


def test_an_operator_can_revoke_a_running_test(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    farm.publish(plan_of([tool_test(0, "sleep", {"seconds": 60})], call_log))
    wait_until(lambda: call_log.calls() == 1, message="the test to run")
    app = _operator(farm)

    active = app.control.inspect(timeout=5).active()
    app.control.revoke("r1-0-1", terminate=True)

    assert [task["id"] for task in active["worker@w1"]] == ["r1-0-1"]
    (record,) = farm.wait_for_records(1)
    assert record.outcome is AttemptOutcome.ABORTED and "operator" in str(record.cause)


def test_the_time_limit_of_a_message_ends_its_test(farm: Farm) -> None:
    farm.start_worker()
    plan = plan_of([tool_test(0, "sleep", {"seconds": 60})])
    digest = farm.put_blob(plan.model_dump_json().encode())
    farm.redis.hset(lease_key("r1", 0), "lease", 1)

    farm.redis.lpush(SHARD, _limited(farm, plan.tests[0], digest, limit_s=1))

    (record,) = farm.wait_for_records(1)
    assert (record.outcome, record.cause and record.cause.kind) == (AttemptOutcome.TIMEOUT, CauseKind.TIME_LIMIT)


def test_records_made_while_redis_is_away_arrive_when_it_is_back(tmp_path: Path) -> None:
    with start_redis(tmp_path / "redis") as server, ExitStack() as at_the_end:
        server.wait_ready()
        farm = Farm(server, tmp_path)
        at_the_end.callback(farm.close)
        farm.start_worker(slots=4, MCPF_SESSIONS_PER_TARGET="4")
        farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 1}) for n in range(4)]))
        wait_until(lambda: farm.redis.zcard(BEATS) == 4, message="all tests to be taken")

        at_the_end.enter_context(_restarted(server, away_s=2.0))

        wait_until(lambda: _answers(farm), message="Redis to be back")
        records = farm.wait_for_records(4)
        assert [record.outcome for record in records] == [AttemptOutcome.PASSED] * 4
        farm.publish(plan_of([tool_test(0)]), "after")
        farm.wait_for_records(1, "after")
        farm.close()


def test_dropped_connections_lose_nothing_and_run_nothing_twice(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 0.05}) for n in range(60)], call_log))
    for count in (10, 30, 50):
        farm.wait_for_records(count)
        farm.redis.client_kill_filter(_type="normal", skipme=True)

    farm.wait_for_records(60)

    farm.stop_worker()
    assert sorted({record.number for record in farm.records()}) == list(range(60))
    assert call_log.calls() == 60


@dataclass(frozen=True)
class _Address:
    redis_url: str


def _operator(farm: Farm) -> Celery:
    return build_app(_Address(farm.server.url))


def _limited(farm: Farm, test: PlannedTest, digest: str, *, limit_s: int) -> bytes:
    """The message of a test with a time limit in its header."""
    return farm.message(test, digest).replace(b'"timelimit":[null,null]', b'"timelimit":[%d,null]' % limit_s)


@contextmanager
def _restarted(server: RedisServer, *, away_s: float) -> Iterator[None]:
    """Stop the server and, after a while, start it again at the same address, over the same append-only file."""
    server.process.terminate()
    server.process.wait(10)
    gone_at = time.monotonic()
    wait_until(lambda: time.monotonic() > gone_at + away_s)
    again = subprocess.Popen([find_server(), str(server.socket.parent / "redis.conf")])
    try:
        yield
    finally:
        again.terminate()
        again.wait(10)


def _answers(farm: Farm) -> bool:
    try:
        return bool(farm.redis.ping())
    except RedisError:
        return False


def test_a_worker_waits_for_a_redis_that_is_not_there_yet(tmp_path: Path) -> None:
    with start_redis(tmp_path / "redis") as server, ExitStack() as at_the_end:
        server.wait_ready()
        server.process.terminate()
        server.process.wait(10)
        farm = Farm(server, tmp_path)
        at_the_end.callback(farm.close)
        farm.start_worker(wait=False)
        wait_until(lambda: "redis.away" in farm.log(), 30, "the worker to miss Redis")

        at_the_end.enter_context(_restarted(server, away_s=0))

        wait_until(lambda: _answers(farm), message="Redis to be there")
        farm.publish(plan_of([tool_test(0)]))
        farm.wait_for_records(1)
        farm.close()
