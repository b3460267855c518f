"""Addresses as texts. Real servers are in tests/integration/operate/test_addresses.py."""

import pytest

from harness.errors import FarmUnreachable
from scheduler.operate.addresses import Addresses, find_redis, with_user
from scheduler.settings import FarmSettings


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://host:6379/0", "redis://worker:p%2Fw@host:6379/0"),
        ("rediss://:admin@host/2?ssl_cert_reqs=required", "rediss://worker:p%2Fw@host/2?ssl_cert_reqs=required"),
        ("redis://user:ad%40min@[::1]:6379", "redis://worker:p%2Fw@[::1]:6379"),
        ("unix://:admin@/run/farm/s?db=1", "unix://worker:p%2Fw@/run/farm/s?db=1"),
        ("unix:///run/farm/s", "unix://worker:p%2Fw@/run/farm/s"),
    ],
)
def test_another_user_takes_the_place_of_the_one_in_the_address(url: str, expected: str) -> None:
    assert with_user(url, "worker", "p/w") == expected


def test_addresses_that_are_set_are_taken_without_looking() -> None:
    settings = FarmSettings(redis_url="redis://farm", worker_redis_url="redis://worker")
    assert find_redis(settings) == Addresses("redis://farm", "redis://worker")


def test_without_anybody_to_bring_redis_up_the_wait_ends_with_what_to_do(tmp_path: object) -> None:
    with pytest.raises(FarmUnreachable, match=r"start `api` .* or set MCPF_REDIS_URL"):
        find_redis(FarmSettings(state_dir=tmp_path), timeout_s=0)  # type: ignore[arg-type]
