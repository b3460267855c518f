"""The workers' user on a real server: what it can do, and what it cannot."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
import redis

from scheduler.operate.acl import WORKER_USER, install, keep_user
from scheduler.operate.embedded_redis import RedisServer, start_redis
from workers.leases import (
    Held,
    Lease,
    NextMember,
    Taken,
    heartbeat,
    queue_lease,
    record_command,
    records_key,
    take_command,
)
from workers.messages import control_message_bytes, own_queue
from workers.redis_clients import redis_client

PASSWORD = "only-for-this-test"


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with start_redis() as server:
        server.wait_ready()
        with redis_client(server.url) as admin:
            install(admin, PASSWORD)
        yield server


@pytest.fixture
def worker_url(server: RedisServer) -> str:
    return f"unix://{WORKER_USER}:{PASSWORD}@{server.socket}"


@pytest.fixture
def worker(worker_url: str) -> Iterator[Any]:
    client = redis_client(worker_url)
    yield client
    client.close()


@pytest.fixture
def farm(server: RedisServer) -> Iterator[redis.Redis]:
    client = redis_client(server.url)
    yield client
    client.close()


@pytest.mark.parametrize(
    "command",
    [
        ("FLUSHALL",),
        ("FLUSHDB",),
        ("CONFIG", "GET", "requirepass"),
        ("CONFIG", "SET", "dir", "/tmp"),
        ("ACL", "LIST"),
        ("KEYS", "*"),
        ("SCAN", "0"),
        ("MONITOR",),
        ("CLIENT", "LIST"),
        ("CLIENT", "KILL", "TYPE", "normal"),
        ("SCRIPT", "FLUSH"),
        ("SHUTDOWN",),
        ("GET", "farm:epoch"),
        ("SET", "farm:epoch", "mine"),
        ("GET", "farm:secret"),
        ("SET", "farm:cancelled:r1", "1"),
        ("XRANGE", "farm:records:r1", "-", "+"),
        ("XREAD", "STREAMS", "farm:records:r1", "0"),
        ("DEL", "farm:records:r1"),
        ("BRPOP", "control", "1"),
        ("LRANGE", "control", "0", "-1"),
        ("PUBLISH", "/0.celery.pidbox", "shutdown"),
        ("SUBSCRIBE", "/0.celeryev/worker.heartbeat"),
    ],
    ids=" ".join,
)
def test_a_worker_is_refused(worker: Any, command: tuple[str, ...]) -> None:
    with pytest.raises(redis.exceptions.NoPermissionError):
        worker.execute_command(*command)


@pytest.mark.parametrize(
    "call",
    [
        "redis.call('GET', 'farm:epoch')",
        "redis.call('SET', 'farm:cancelled:r1', '1')",
        "redis.call('XRANGE', 'farm:records:r1', '-', '+')",
        "redis.call('RPOP', 'control')",
        "redis.call('FLUSHALL')",
        "redis.call('ZRANGE', 'farm:workers', 0, -1)",
    ],
)
def test_a_script_gives_a_worker_nothing_more(worker: Any, call: str) -> None:
    with pytest.raises(redis.exceptions.ResponseError, match="ACL failure in script"):
        worker.eval(f"return {call}", 0)


def test_a_worker_can_take_keep_and_record_a_lease_and_wake_the_farm(farm: redis.Redis, worker: redis.Redis) -> None:
    with farm.pipeline() as pipe:
        queue_lease(pipe, "r1", 0, 1)
        queue_lease(pipe, "r1", 1, 1)
        pipe.execute()
    first, second = (Lease("r1", number, 1, "w1", "token") for number in (0, 1))

    assert cast(Any, worker).execute_command(*take_command(first)) == Taken.GRANTED
    assert heartbeat(worker, "w1", {"pool": "default"}, [first]) == {first: Held.HELD}
    following = NextMember(second, own_queue("default", "w1"), b"{}")
    command = record_command(first, b"{}", control_message_bytes("farm.aggregate", ["r1"]), following)
    assert cast(Any, worker).execute_command(*command) == 1

    assert farm.xlen(records_key("r1")) == 1
    assert farm.llen("control") == 1
    assert farm.llen(own_queue("default", "w1")) == 1


def test_the_user_can_be_made_on_a_server_that_is_not_ours_and_made_again(redis_server: RedisServer) -> None:
    with redis_client(redis_server.url) as admin:
        install(admin, "first")
        install(admin, PASSWORD)
    with redis_client(f"unix://{WORKER_USER}:{PASSWORD}@{redis_server.socket}") as client:
        assert client.ping()
    with (
        redis_client(f"unix://{WORKER_USER}:first@{redis_server.socket}") as client,
        pytest.raises(redis.exceptions.AuthenticationError),
    ):
        client.ping()


def test_the_user_is_made_again_where_it_was_forgotten_and_only_there(redis_server: RedisServer) -> None:
    worker_url = f"unix://{WORKER_USER}:p%2Fw@{redis_server.socket}"
    with redis_client(redis_server.url) as admin:
        assert keep_user(admin, worker_url)
        assert not keep_user(admin, worker_url)
        assert not keep_user(admin, f"unix://theirs:secret@{redis_server.socket}")
        assert admin.acl_users() == ["default", WORKER_USER]
    with redis_client(worker_url) as client:
        assert client.ping()
        assert not keep_user(client, worker_url), "one that may not look changes nothing"
