"""The real `control` killed by SIGKILL at the one moment that matters: committed, not yet acknowledged."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from harness.models.run import RunState
from scheduler.console.serve_members import members_of
from scheduler.control.aggregate import RECLAIM_IDLE_MS
from scheduler.control.beat import RECOVER
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.control.stream import GROUP
from scheduler.operate.embedded_redis import RedisServer
from scheduler.settings import FarmSettings
from tests.integration.control.fake_worker import FakeWorker, fails
from tests.integration.control.holding_proxy import holding_proxy
from tests.integration.control.runs import (
    accepted,
    assert_totals_agree,
    outcomes,
    report,
    submit_suites,
    suite_text,
    view,
)
from tests.waiting import wait_until
from workers.leases import records_key
from workers.messages import CONTROL_QUEUE, control_message_bytes

START_S = 60.0


@contextmanager
def control_process(settings: FarmSettings) -> Iterator[subprocess.Popen[bytes]]:
    """`control` as `serve` starts it; killed at the end."""
    [member] = members_of(["control"], settings, [])
    process = subprocess.Popen(member.command, env=dict(member.environment), stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def pending(farm: Farm, run_id: str) -> int:
    """How many records somebody has read and not acknowledged."""
    return int(farm.redis.xpending(records_key(run_id), GROUP)["pending"])


def let_time_pass(farm: Farm, run_id: str) -> None:
    """Make what is pending as old as it must be before another may claim it."""
    key = records_key(run_id)
    for entry in farm.redis.xpending_range(key, GROUP, "-", "+", 100):
        owner, identity = entry["consumer"], entry["message_id"]
        farm.redis.xclaim(key, GROUP, owner, 0, [identity], idle=RECLAIM_IDLE_MS, justid=True)


def tick(farm: Farm) -> None:
    """What beat sends every five seconds."""
    farm.redis.lpush(CONTROL_QUEUE, control_message_bytes(RECOVER, []))


def test_every_test_is_recorded_once_when_control_dies_between_commit_and_xack(
    farm: Farm, settings: FarmSettings, redis_server: RedisServer
) -> None:
    run_id = submit_suites(farm, suite_text(6, test_config={"max_concurrency": 64})).run_id
    dispatch(farm)
    FakeWorker(farm).work(fails(2), limit=4)

    with holding_proxy(redis_server.socket) as proxy:
        address = f"redis://:{redis_server.password}@127.0.0.1:{proxy.port}/0"
        with control_process(settings.model_copy(update={"redis_url": address})):
            assert proxy.held.wait(START_S), "control has acknowledged nothing"
    assert pending(farm, run_id) == 4
    assert view(farm, run_id).open == 2, "what was committed counts already"

    let_time_pass(farm, run_id)
    with control_process(settings):
        tick(farm)
        wait_until(lambda: pending(farm, run_id) == 0, START_S, "nobody has claimed what the dead one left")
        assert view(farm, run_id).open == 2
        FakeWorker(farm).work()
        tick(farm)
        wait_until(lambda: view(farm, run_id).state is RunState.CLOSED, START_S, "the run does not end")
    assert outcomes(farm, run_id) == ["passed", "passed", "failed", "passed", "passed", "passed"]
    assert [accepted(test) for test in report(farm, run_id).tests] == [1] * 6
    assert view(farm, run_id).stale_records == 0
    assert_totals_agree(farm, run_id)
