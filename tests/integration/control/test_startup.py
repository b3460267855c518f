"""A process of the farm that would break a promise does not start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import UsageError
from scheduler.control.startup import check_start, tell_options
from scheduler.operate.embedded_redis import RedisServer
from scheduler.settings import FarmSettings
from workers.broker import build_app
from workers.redis_clients import redis_client


@pytest.fixture
def settings(redis_server: RedisServer, tmp_path: Path) -> FarmSettings:
    return FarmSettings(redis_url=redis_server.url, state_dir=tmp_path)


def test_a_farm_in_order_starts(settings: FarmSettings) -> None:
    check_start(settings, build_app(settings).conf)


def test_a_redis_that_evicts_is_refused(settings: FarmSettings) -> None:
    with redis_client(settings.redis_url) as client:
        client.config_set("maxmemory", "100mb")
        client.config_set("maxmemory-policy", "allkeys-lru")
    with pytest.raises(UsageError, match="set `maxmemory-policy noeviction`"):
        check_start(settings, build_app(settings).conf)


def test_another_number_of_shards_than_a_living_process_has_is_refused(settings: FarmSettings) -> None:
    with redis_client(settings.redis_url) as client:
        tell_options(settings, build_app(settings).conf, client)
    other = settings.model_copy(update={"shards": 3})
    with pytest.raises(UsageError, match="is 3 here, but 8 in processes of control that are alive"):
        check_start(other, build_app(other).conf)


def test_a_deadline_below_what_one_test_may_take_is_refused(settings: FarmSettings) -> None:
    hasty = settings.model_copy(update={"run_deadline_s": 30.0})
    with pytest.raises(UsageError, match="must be below run_deadline_s"):
        check_start(hasty, build_app(hasty).conf)


def test_without_redis_a_process_starts_and_waits_for_it(settings: FarmSettings, redis_server: RedisServer) -> None:
    redis_server.process.kill()
    redis_server.process.wait()
    check_start(settings, build_app(settings).conf)


@pytest.mark.parametrize("command", [("worker", "-Q", "control"), ("beat",)])
def test_control_and_beat_end_with_2_and_the_reason(settings: FarmSettings, command: tuple[str, ...]) -> None:
    told = {
        "MCPF_REDIS_URL": settings.redis_url,
        "MCPF_RUN_DEADLINE_S": "30",
        "MCPF_STATE_DIR": str(settings.state_dir),
    }
    ended = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "scheduler.control.app", *command],
        env={**os.environ, **told},
        cwd=settings.state_dir,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "must be below run_deadline_s (30)" in ended.stderr
