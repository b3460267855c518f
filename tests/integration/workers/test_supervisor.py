"""`python -m workers --processes N`: keeps N workers alive, replaces the dead, and takes all with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.integration.workers.farm import Farm, plan_of, tool_test
from tests.integration.workers.supervised import supervised
from tests.processes import alive, descendants
from tests.waiting import wait_until


@pytest.fixture
def supervisor(farm: Farm) -> Iterator[subprocess.Popen[bytes]]:
    """A supervisor of two workers named w-1-… and w-2-…."""
    with supervised(farm, processes=2) as process:
        yield process


def test_a_dead_worker_is_replaced_under_a_new_name(farm: Farm, supervisor: subprocess.Popen[bytes]) -> None:
    wait_until(lambda: _names(farm) == {"w-1-1", "w-2-1"}, 30, "both workers to announce themselves")

    os.kill(int(str(farm.redis.hget("farm:worker:w-1-1", "pid"))), signal.SIGKILL)

    wait_until(lambda: "w-1-2" in _names(farm), 30, "the replacement to announce itself")
    farm.publish(plan_of([tool_test(0)]))
    farm.wait_for_records(1)


def test_a_stopped_worker_is_killed_and_replaced(farm: Farm, supervisor: subprocess.Popen[bytes]) -> None:
    wait_until(lambda: _names(farm) == {"w-1-1", "w-2-1"}, 30, "both workers to announce themselves")
    stopped = int(str(farm.redis.hget("farm:worker:w-1-1", "pid")))

    os.kill(stopped, signal.SIGSTOP)

    wait_until(lambda: not alive(stopped) and "w-1-2" in _names(farm), 30, "the replacement to announce itself")


def test_all_end_with_the_supervisor(farm: Farm, supervisor: subprocess.Popen[bytes]) -> None:
    wait_until(lambda: len(_names(farm)) == 2, 30, "both workers to announce themselves")
    below = descendants(supervisor.pid)
    assert len(below) >= 4  # two workers, two launchers

    supervisor.terminate()

    assert supervisor.wait(20) == 0
    assert not any(alive(pid) for pid in below)
    assert _names(farm) == set()


def test_workers_do_not_outlive_a_killed_supervisor(farm: Farm, supervisor: subprocess.Popen[bytes]) -> None:
    wait_until(lambda: len(_names(farm)) == 2, 30, "both workers to announce themselves")
    below = descendants(supervisor.pid)

    supervisor.kill()

    wait_until(lambda: not any(alive(pid) for pid in below), 15, "the workers to go")


def test_a_stopped_worker_does_not_outlive_a_killed_supervisor(farm: Farm, supervisor: subprocess.Popen[bytes]) -> None:
    wait_until(lambda: len(_names(farm)) == 2, 30, "both workers to announce themselves")
    below = descendants(supervisor.pid)
    os.kill(supervisor.pid, signal.SIGSTOP)  # or it would see that its worker is stopped
    os.kill(int(str(farm.redis.hget("farm:worker:w-1-1", "pid"))), signal.SIGSTOP)

    supervisor.kill()

    wait_until(lambda: not any(alive(pid) for pid in below), 15, "the workers to go")


def test_settings_that_cannot_be_obeyed_end_it_at_once() -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MCPF_")}
    for options in ([], ["--processes", "2"]):
        command = [sys.executable, "-P", "-m", "workers", *options]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2
        assert "redis_url" in done.stderr


def _names(farm: Farm) -> set[str]:
    return {str(key).removeprefix("farm:worker:") for key in farm.redis.keys("farm:worker:*")}
