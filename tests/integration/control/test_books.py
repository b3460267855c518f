"""What Redis remembers of the projects' work, on a real one."""

from collections.abc import Iterator

import pytest
import redis

from scheduler.control.books import MAX_REMEMBERED, note_work, read_books
from scheduler.operate.embedded_redis import RedisServer
from workers.redis_clients import redis_client


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[redis.Redis]:
    """An empty Redis."""
    with redis_client(redis_server.url) as client:
        yield client


def test_a_cost_is_the_mean_of_what_units_took(client: redis.Redis) -> None:
    note_work(client, "p", {"a": [1.0, 3.0], "b": [5.0]})
    note_work(client, "p", {"a": [5.0]})

    assert read_books(client, "p", {}).costs_s == {"a": 3.0, "b": 5.0}


def test_what_is_known_of_long_ago_weighs_less_than_what_is_new(client: redis.Redis) -> None:
    many = int(MAX_REMEMBERED) + 1
    note_work(client, "p", {"a": [1.0] * many, "b": [1.0]})

    note_work(client, "p", {"a": [7.0] * many, "b": [7.0]})

    assert read_books(client, "p", {}).costs_s == {"a": pytest.approx(5.0), "b": 4.0}
