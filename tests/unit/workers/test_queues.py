"""Which queues a worker reads, and in which order."""

from collections import Counter

from workers.queues import queue_names
from workers.settings import WorkerSettings


def test_every_worker_reads_its_own_queue_then_interactive_runs_then_every_shard_once() -> None:
    names = list(queue_names(_settings("w1")))

    assert names[:2] == ["tests.v1.default.own.w1", "tests.v1.default.interactive"]
    assert sorted(names[2:]) == [f"tests.v1.default.{shard}" for shard in range(8)]


def test_the_homes_of_many_workers_cover_the_shards() -> None:
    homes = Counter(name for n in range(60) for name in list(queue_names(_settings(f"worker-{n}")))[2:4])

    assert len(homes) == 8 and max(homes.values()) < 40


def _settings(name: str) -> WorkerSettings:
    return WorkerSettings(redis_url="redis://x", worker_name=name)
