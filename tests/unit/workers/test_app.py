"""Which queues a worker reads, and in which order."""

from collections import Counter

from workers.app import queue_names
from workers.settings import WorkerSettings


def test_every_worker_reads_its_own_queue_first_and_every_shard_once() -> None:
    names = list(queue_names(_settings("w1")))

    assert names[0] == "tests.v1.default.own.w1"
    assert sorted(names[1:]) == [f"tests.v1.default.{shard}" for shard in range(8)]


def test_the_homes_of_many_workers_cover_the_shards() -> None:
    homes = Counter(name for n in range(60) for name in list(queue_names(_settings(f"worker-{n}")))[1:3])

    assert len(homes) == 8 and max(homes.values()) < 40


def _settings(name: str) -> WorkerSettings:
    return WorkerSettings(redis_url="redis://x", worker_name=name)
