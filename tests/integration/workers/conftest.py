"""A farm of workers for each test, gone afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.operate.embedded_redis import RedisServer
from tests.integration.workers.farm import Farm


@pytest.fixture
def farm(redis_server: RedisServer, tmp_path: Path) -> Iterator[Farm]:
    """No worker is started yet."""
    farm = Farm(redis_server, tmp_path)
    yield farm
    farm.close()
