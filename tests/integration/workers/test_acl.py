"""A worker process as the restricted Redis user that a farm gives it: it can do all of its work."""

from scheduler.operate.acl import WORKER_USER, install
from tests.integration.workers.farm import Farm, plan_of, tool_test
from tests.waiting import wait_until
from workers.leases import BEATS


def test_a_worker_needs_no_more_than_its_user_may_do(farm: Farm) -> None:
    install(farm.redis, "secret")
    farm.start_worker(MCPF_REDIS_URL=f"unix://{WORKER_USER}:secret@{farm.server.socket}")
    group = [tool_test(n, group="g") for n in range(2, 5)]

    farm.publish(plan_of([tool_test(0), tool_test(1, "fail"), *group]))

    farm.wait_for_records(5)
    wait_until(lambda: farm.redis.zcard(BEATS) == 0, message="all leases to end")
    assert farm.waiting("control") >= 1
    assert farm.stop_worker() == 0
    assert "NOPERM" not in farm.log() and "permission" not in farm.log()
    assert farm.redis.keys("farm:worker*") == []
