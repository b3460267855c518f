"""A farm without workers, on both databases and a real Redis; and suites to submit to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.control.farm import Farm, open_farm
from scheduler.operate.embedded_redis import RedisServer
from scheduler.settings import FarmSettings
from tests.databases import farm_database_url, postgres, postgres_template

__all__ = ["farm_database_url", "postgres", "postgres_template"]


@pytest.fixture
def settings(farm_database_url: str, redis_server: RedisServer, state_dir: Path) -> FarmSettings:
    """Settings of a farm on the databases of this test."""
    return FarmSettings(state_dir=state_dir, database_url=farm_database_url, redis_url=redis_server.url, shards=4)


@pytest.fixture
def farm(settings: FarmSettings) -> Iterator[Farm]:
    """An open farm that nobody works for yet."""
    with open_farm(settings) as farm:
        yield farm
