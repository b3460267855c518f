"""What a process refuses to start with, each with the words that a person reads."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from workers.broker import build_app
from workers.options import options_of
from workers.startup import RedisFacts, Situation, refusals, situation_of
from workers.time_outs import TimeOuts

MINE = {"number of shards of pool default (MCPF_SHARDS)": "8", "serializer": "json", "new here": "1"}
GOOD = Situation(
    kombu="5.7.0",
    task_serializer="json",
    accept_content=("json",),
    time_outs=TimeOuts(),
    mine=MINE,
    redis=RedisFacts(version="7.2.4", maxmemory_bytes=0, policy="allkeys-lru"),
    others={"control": {**MINE, "only there": "2"}},
)


@dataclass(frozen=True)
class _Address:
    redis_url: str = "redis://localhost"


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"redis": None, "others": {}},
        {"redis": RedisFacts("9.1.2", 1000, "noeviction")},
        {"kombu": "6.0.0rc1"},
        {"others": {"control": {"only there": "2"}}},
    ],
)
def test_a_good_situation_is_not_refused(change: dict[str, Any]) -> None:
    assert refusals(replace(GOOD, **change)) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"redis": RedisFacts("7.2.4", 1000, "allkeys-lru")}, "set `maxmemory-policy noeviction`"),
        ({"redis": RedisFacts("7.2.4", 1000, "volatile-ttl")}, "maxmemory-policy volatile-ttl"),
        ({"redis": RedisFacts("6.2.14", 0, "noeviction")}, "this Redis is version 6.2.14; Redis 7.0 or newer"),
        ({"kombu": "5.6.3"}, "kombu is version 5.6.3; 5.7 or newer is needed"),
        ({"task_serializer": "pickle"}, "Celery is set to write pickle and to read json"),
        ({"accept_content": ("json", "pickle")}, "to read json, pickle"),
        ({"time_outs": TimeOuts(silence_s=1)}, "time-outs in the wrong order: heartbeat_s (5)"),
        (
            {"others": {"pool:default": {**MINE, "number of shards of pool default (MCPF_SHARDS)": "4"}}},
            "number of shards of pool default (MCPF_SHARDS) is 8 here, but 4 in processes of pool:default",
        ),
    ],
)
def test_what_breaks_a_promise_is_refused_in_one_sentence(change: dict[str, Any], said: str) -> None:
    (problem,) = refusals(replace(GOOD, **change))
    assert said in problem


def test_this_installation_with_its_own_configuration_is_not_refused() -> None:
    conf = build_app(_Address()).conf

    assert refusals(situation_of(conf, options_of(conf, "default", 8), TimeOuts(), None)) == ()
