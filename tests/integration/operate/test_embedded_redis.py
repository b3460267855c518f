"""The embedded Redis answers, keeps strangers out, and never outlives the process that started it."""

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from scheduler.operate.embedded_redis import RedisServer, start_redis
from tests.processes import alive
from tests.waiting import wait_until

OWNER = """
import sys, time
from scheduler.operate.embedded_redis import start_redis
server = start_redis()
server.wait_ready()
print(server.process.pid, server.socket, flush=True)
time.sleep(60)
"""


def test_it_answers_with_the_password_and_refuses_without(redis_server: RedisServer) -> None:
    client = redis.Redis.from_url(redis_server.url)
    assert client.ping() is True
    client.close()
    stranger = redis.Redis(unix_socket_path=str(redis_server.socket))
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()
    stranger.close()


def test_its_directory_is_private(redis_server: RedisServer) -> None:
    assert stat.S_IMODE(redis_server.socket.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((redis_server.socket.parent / "redis.conf").stat().st_mode) == 0o600


def test_it_never_evicts(redis_server: RedisServer) -> None:
    client = redis.Redis.from_url(redis_server.url, decode_responses=True)
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    client.close()


def test_it_is_gone_after_close() -> None:
    server = start_redis()
    server.wait_ready()
    server.close()
    assert server.process.returncode is not None
    assert not server.socket.parent.exists()


def test_it_ends_when_its_owner_is_killed() -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    pid = int(owner.stdout.readline().split()[0])
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    wait_until(lambda: not alive(pid), 5, "the server outlived its owner")


def test_what_a_kept_directory_holds_survives_a_restart(tmp_path: Path) -> None:
    for expected in (None, b"1"):
        with start_redis(tmp_path / "redis") as server:
            server.wait_ready()
            client = redis.Redis.from_url(server.url)
            assert client.get("seen") == expected
            client.set("seen", 1)
            client.close()
