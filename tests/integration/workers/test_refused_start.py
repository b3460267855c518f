"""Workers that must not start, and say why: exit code 2, and nothing of the queue is touched."""

import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from scheduler.operate.acl import WORKER_USER, install
from scheduler.operate.embedded_redis import start_redis
from tests.integration.workers.farm import Farm, plan_of, tool_test
from tests.waiting import wait_until
from workers.options import CONTROL, LIVE_MS, OPTIONS, Announced, announce, digest, live_options
from workers.redis_clients import redis_client

SHARDS = "number of shards of pool default (MCPF_SHARDS)"


@pytest.mark.parametrize("restricted", [False, True])
def test_a_redis_that_evicts_is_refused(farm: Farm, restricted: bool) -> None:
    install(farm.redis, "secret")
    farm.redis.config_set("maxmemory", "100mb")
    farm.redis.config_set("maxmemory-policy", "allkeys-lru")
    farm.publish(plan_of([tool_test(0)]))
    url = f"unix://{WORKER_USER}:secret@{farm.server.socket}" if restricted else farm.server.url

    farm.start_worker(wait=False, MCPF_REDIS_URL=url)

    assert farm.workers["w1"].wait(30) == 2
    assert "set `maxmemory-policy noeviction`" in farm.log()
    assert farm.waiting() == 1 and farm.records() == []
    assert not any((farm.directory / "scratch").iterdir())


def test_a_worker_with_other_shards_than_one_that_lives_is_refused_and_starts_when_it_is_gone(farm: Farm) -> None:
    farm.start_worker("w1", MCPF_SHARDS="4")
    wait_until(lambda: farm.redis.hexists(OPTIONS, "pool:default"), message="w1 to say what it uses")

    farm.start_worker("w2", wait=False)
    assert farm.workers["w2"].wait(30) == 2
    assert f"{SHARDS} is 8 here, but 4 in processes of pool:default that are alive" in farm.log("w2")

    farm.stop_worker("w1")
    _grow_old(farm, "pool:default")
    farm.start_worker("w3")
    wait_until(lambda: live_options(farm.redis)["pool:default"][SHARDS] == "8", message="w3 to say what it uses")


def test_a_worker_with_other_options_than_control_is_refused_and_another_pool_is_not_compared(farm: Farm) -> None:
    announce(farm.redis, CONTROL, {SHARDS: "8", "number of shards of pool gpu (MCPF_SHARDS)": "2"})

    farm.start_worker("w1", MCPF_SHARDS="8")
    farm.start_worker("w2", wait=False, MCPF_POOL="gpu", MCPF_SHARDS="3")

    assert farm.workers["w2"].wait(30) == 2
    assert "of pool gpu (MCPF_SHARDS) is 3 here, but 2 in processes of control" in farm.log("w2")


def test_a_worker_that_may_not_look_starts_all_the_same(farm: Farm) -> None:
    install(farm.redis, "secret")
    farm.redis.execute_command("ACL", "SETUSER", WORKER_USER, "-info")

    farm.start_worker(MCPF_REDIS_URL=f"unix://{WORKER_USER}:secret@{farm.server.socket}")

    assert "startup.not_checked" in farm.log()


def test_a_redis_that_comes_later_is_checked_before_the_first_heartbeat(tmp_path: Path) -> None:
    with start_redis(tmp_path / "redis") as server, ExitStack() as at_the_end:
        server.wait_ready()
        with redis_client(server.url) as client:
            announce(client, CONTROL, {SHARDS: "2"})
        command = server.process.args
        server.process.terminate()
        server.process.wait(10)
        farm = Farm(server, tmp_path)
        at_the_end.callback(farm.close)
        farm.start_worker(wait=False)
        wait_until(lambda: "redis.away" in farm.log(), 30, "the worker to miss Redis")

        again = subprocess.Popen(command)
        at_the_end.callback(again.wait, 10)
        at_the_end.callback(again.terminate)

        assert farm.workers["w1"].wait(30) == 2
        assert "is 8 here, but 2 in processes of control" in farm.log()


def _grow_old(farm: Farm, who: str) -> None:
    """Play the passing of half a minute."""
    said = Announced.model_validate_json(str(farm.redis.hget(OPTIONS, who)))
    assert said.digest == digest(said.values)
    farm.redis.hset(OPTIONS, who, said.model_copy(update={"at_ms": said.at_ms - LIVE_MS}).model_dump_json())
