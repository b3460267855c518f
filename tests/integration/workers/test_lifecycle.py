"""What a worker says of itself, and that it ends when it cannot say any more that it lives."""

import asyncio
import subprocess
import sys
from contextlib import closing

from scheduler.operate.embedded_redis import RedisServer
from tests.waiting import wait_until
from workers.health import Consumption
from workers.leases import HEARTBEAT_S, WORKERS, worker_key
from workers.lifecycle import EXIT_BROKEN, Lifecycle
from workers.redis_clients import redis_client
from workers.vitals import Vitals

CHILD = """
import asyncio
from workers.health import Consumption
from workers.lifecycle import Lifecycle
from workers.vitals import Vitals

class Broken:
    def eval(self, *args):
        raise TypeError("an answer that nobody expected")

async def live():
    Lifecycle(Broken(), "w1", {}, Vitals(Consumption((), 1)), lambda: None).start(asyncio.get_running_loop())
    await asyncio.sleep(30)

asyncio.run(live())
"""


def test_a_heartbeat_that_fails_in_an_unknown_way_ends_the_worker() -> None:
    ended = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == EXIT_BROKEN
    assert "its heartbeat failed" in ended.stdout + ended.stderr


def test_a_worker_that_retires_says_so_before_its_next_heartbeat_is_due(redis_server: RedisServer) -> None:
    with redis_client(redis_server.url) as client, closing(asyncio.new_event_loop()) as loop:
        lifecycle = Lifecycle(client, "w1", {"slots": "4"}, Vitals(Consumption((), 4)), lambda: None)
        lifecycle.start(loop)
        wait_until(lambda: client.hget(worker_key("w1"), "slots") == "4", message="the first heartbeat")

        lifecycle.retire()

        wait_until(lambda: client.hget(worker_key("w1"), "slots") == "0", HEARTBEAT_S - 2, "it to declare no slots")
        lifecycle.stop()
        assert client.zrange(WORKERS, 0, -1) == [] and not client.exists(worker_key("w1"))
