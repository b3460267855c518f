"""How processes of one machine find their Redis, with real servers."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from harness.errors import FarmUnreachable, UsageError
from scheduler.operate.addresses import FILE, Addresses, bring_up_redis, find_redis
from scheduler.operate.embedded_redis import RedisServer
from scheduler.settings import FarmSettings
from workers.redis_clients import redis_client


@pytest.fixture
def settings(state_dir: Path) -> FarmSettings:
    return FarmSettings(state_dir=state_dir)


def whoami(url: str) -> str:
    """`farm` for an address that may do anything, `worker` for one that may not."""
    client = redis_client(url)
    try:
        client.acl_list()
    except redis.exceptions.NoPermissionError:
        return "worker"
    finally:
        client.close()
    return "farm"


def test_an_embedded_server_is_found_by_the_others_of_its_state_directory(settings: FarmSettings) -> None:
    with bring_up_redis(settings) as brought_up:
        addresses = brought_up.addresses
        assert find_redis(settings, timeout_s=5) == addresses
        assert whoami(addresses.redis_url) == "farm"
        assert whoami(addresses.worker_redis_url) == "worker"
    with pytest.raises(FarmUnreachable):
        find_redis(settings, timeout_s=0.2)


def test_the_file_of_addresses_can_be_read_by_its_user_only(settings: FarmSettings) -> None:
    with bring_up_redis(settings):
        assert stat.S_IMODE((settings.state_dir / FILE).stat().st_mode) == 0o600


def test_what_was_in_redis_is_there_again_after_a_restart(settings: FarmSettings) -> None:
    with bring_up_redis(settings) as up, redis_client(up.addresses.redis_url) as client:
        client.set("kept", "yes")
    with bring_up_redis(settings) as up, redis_client(up.addresses.redis_url) as client:
        assert client.get("kept") == "yes"


def test_an_embedded_server_that_dies_is_revived_at_the_same_address_with_what_it_kept(settings: FarmSettings) -> None:
    with bring_up_redis(settings) as up, redis_client(up.addresses.redis_url) as client:
        assert up.server is not None
        client.set("kept", "yes")
        client.execute_command("WAITAOF", 1, 0, 1000)
        up.keep()
        assert client.info("server")["process_id"] == up.server.process.pid
        up.server.process.kill()
        up.server.process.wait()
        up.keep()
        up.server.wait_ready()
        assert client.get("kept") == "yes"


@pytest.fixture
def given(settings: FarmSettings, redis_server: RedisServer) -> Iterator[FarmSettings]:
    yield settings.model_copy(update={"redis_url": redis_server.url})


def test_a_given_server_gets_a_user_for_workers_whose_password_stays(given: FarmSettings) -> None:
    with bring_up_redis(given) as first:
        assert first.addresses.redis_url == given.redis_url
        assert whoami(first.addresses.worker_redis_url) == "worker"
    with bring_up_redis(given) as second:
        assert second.addresses == first.addresses


def test_addresses_of_another_server_are_not_taken(given: FarmSettings) -> None:
    with bring_up_redis(given), pytest.raises(FarmUnreachable):
        find_redis(given.model_copy(update={"redis_url": "redis://elsewhere"}), timeout_s=0.2)


def test_a_user_that_was_given_for_workers_is_left_alone(given: FarmSettings) -> None:
    settings = given.model_copy(update={"worker_redis_url": "redis://w:x@elsewhere"})
    with bring_up_redis(settings) as brought_up:
        addresses = brought_up.addresses
        assert addresses == Addresses(given.redis_url, "redis://w:x@elsewhere")
    with redis_client(given.redis_url) as client:
        assert client.acl_getuser("worker") is None


def test_a_server_that_does_not_answer_is_named_as_the_reason(settings: FarmSettings) -> None:
    away = settings.model_copy(update={"redis_url": f"unix://{settings.state_dir}/nothing"})
    with pytest.raises(FarmUnreachable, match="MCPF_REDIS_URL"), bring_up_redis(away):
        pass


def test_a_second_farm_in_the_same_directory_is_refused(settings: FarmSettings) -> None:
    with (
        bring_up_redis(settings),
        pytest.raises(UsageError, match=r"another farm runs in .* --state-dir"),
        bring_up_redis(settings),
    ):
        pass
