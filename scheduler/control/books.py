"""What control remembers in Redis of how a pool is doing: its pace, and the virtual times of its projects.

  farm:pace:<pool>:<second>  string, counter of units recorded in that second; lives 10 s
  farm:costs:<pool>          hash, `<project>:n` units and `<project>:s` seconds recorded of late
  farm:shares:<pool>         hash, project → virtual time of those that had work when tests were last published
Nothing of this is worth a database: after a flush all projects begin again as equals.
"""

from collections.abc import Mapping
from typing import Any, cast

import redis

from scheduler.control.full_redis import tolerating_full_redis
from scheduler.plan.share import Books
from scheduler.plan.window import Pace

MEASURED_S = 4
PACE_LIFE_S = 10
MAX_REMEMBERED = 1000.0
"""Units of a project after which the older half of what is known of them is forgotten."""

_MIN_COST_S = 0.001


def note_work(client: redis.Redis, pool: str, seconds_of: Mapping[str, list[float]]) -> None:
    """Tests of these projects were recorded and took so many seconds each."""
    if not seconds_of:
        return
    now = int(client.time()[0])
    with tolerating_full_redis(), client.pipeline(transaction=False) as pipe:
        pipe.incrby(f"farm:pace:{pool}:{now}", sum(map(len, seconds_of.values())))
        pipe.expire(f"farm:pace:{pool}:{now}", PACE_LIFE_S)
        for project, seconds in seconds_of.items():
            pipe.hincrbyfloat(_costs_key(pool), f"{project}:n", float(len(seconds)))
            pipe.hincrbyfloat(_costs_key(pool), f"{project}:s", sum(seconds))
        sums = pipe.execute()[2:]
        for project, count, seconds_s in zip(seconds_of, sums[::2], sums[1::2], strict=True):
            if count > MAX_REMEMBERED:
                halves = {f"{project}:n": repr(count / 2), f"{project}:s": repr(seconds_s / 2)}
                client.hset(_costs_key(pool), mapping=cast(Any, halves))


def read_pace(client: redis.Redis, pool: str, slots: int) -> Pace:
    """How many units the pool records in a second: the best of the last few, so that a pause is no slow pace."""
    now = int(client.time()[0])
    counts: Any = client.mget([f"farm:pace:{pool}:{now - back}" for back in range(1, MEASURED_S + 1)])
    return Pace(slots, max(_number(count) for count in counts))


def read_books(client: redis.Redis, pool: str, weights: Mapping[str, float]) -> Books:
    """What publishing needs to know of the projects."""
    with client.pipeline(transaction=False) as pipe:
        pipe.hgetall(_costs_key(pool))
        pipe.hgetall(_shares_key(pool))
        costs, times = pipe.execute()
    return Books(weights, _costs(costs), {project: _number(time) for project, time in times.items()})


def write_times(client: redis.Redis, pool: str, times: Mapping[str, float]) -> None:
    """Keep the virtual times of who had work; the others are forgotten."""
    with tolerating_full_redis(), client.pipeline(transaction=True) as pipe:
        pipe.delete(_shares_key(pool))
        if times:
            pipe.hset(_shares_key(pool), mapping={project: repr(time) for project, time in times.items()})
        pipe.execute()


def _costs(stored: Mapping[str, str]) -> dict[str, float]:
    counts = {name[:-2]: _number(value) for name, value in stored.items() if name.endswith(":n")}
    return {
        project: max(_MIN_COST_S, _number(stored.get(f"{project}:s")) / count)
        for project, count in counts.items()
        if count
    }


def _number(text: str | None) -> float:
    try:
        return float(text or 0.0)
    except ValueError:
        return 0.0


def _costs_key(pool: str) -> str:
    return f"farm:costs:{pool}"


def _shares_key(pool: str) -> str:
    return f"farm:shares:{pool}"
