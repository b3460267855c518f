"""A Redis of the operator's own that is killed in the middle of a run, and comes back with or without what it knew."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from scheduler.operate.embedded_redis import find_server
from tests.acceptance.farm.conftest import RunningFarm, free_port, serve
from tests.acceptance.farm.slow_runs import RECOVERY_S, TESTS, assert_recorded_once, slow_suite
from tests.conftest import CallLog
from tests.waiting import wait_until
from workers.leases import EPOCH
from workers.redis_clients import redis_client

pytestmark = pytest.mark.timeout(300)


class OwnRedis:
    """A server on a port, by the distribution where it has one; it can be killed and started again."""

    def __init__(self, folder: Path, append_only: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        program = shutil.which("redis-server") or find_server()
        place = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(folder))
        self._command = (program, *place, "--save", "", "--appendonly", append_only)
        self.start()

    def start(self) -> None:
        """Start it, and return when it answers."""
        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_until(self._answers, 30, "Redis does not answer")

    def kill(self) -> None:
        """kill -9; nothing of it lives when this returns."""
        self._process.kill()
        self._process.wait()

    def epoch(self) -> str:
        """The mark of one life of its content."""
        with redis_client(self.url) as client:
            return str(client.get(EPOCH))

    def _answers(self) -> bool:
        try:
            with redis_client(self.url) as client:
                return bool(client.ping())
        except RedisError:
            return False


@pytest.fixture
def own_redis(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path, request.param)
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture
def farm_on_redis(tmp_path: Path, own_redis: OwnRedis) -> Iterator[RunningFarm]:
    """One test at a time on each worker, so that others wait in the queues of that Redis."""
    running = serve(tmp_path / "state", "--workers", "2", MCPF_REDIS_URL=own_redis.url, MCPF_SLOTS="1")
    try:
        running.wait_ready()
        yield running
    finally:
        running.destroy()


@pytest.mark.parametrize(("own_redis", "remembers"), [("yes", True), ("no", False)], indirect=["own_redis"])
def test_a_run_survives_a_redis_that_is_killed_and_started_again(
    farm_on_redis: RunningFarm, own_redis: OwnRedis, tmp_path: Path, call_log: CallLog, remembers: bool
) -> None:
    wait_until(lambda: own_redis.epoch() != "None", 60, "nobody has looked at this Redis")
    before = own_redis.epoch()
    run = farm_on_redis.run(slow_suite(tmp_path / "suites", "redis-dies", call_log, at_once=16))
    wait_until(lambda: call_log.calls() >= 4, 60, "no test was started")
    assert call_log.calls() < TESTS, "it would die when all is done"
    own_redis.kill()
    own_redis.start()
    said, _ = run.communicate(timeout=RECOVERY_S)
    assert run.returncode == 0, said
    assert (own_redis.epoch() == before) is remembers
    assert_recorded_once(farm_on_redis.newest_report(), TESTS)
