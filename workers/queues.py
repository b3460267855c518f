"""Which queues a worker reads, and in which order."""

import zlib
from collections.abc import Iterator

from workers.messages import interactive_queue, own_queue, shard_queue
from workers.order import HOME_SHARDS
from workers.settings import WorkerSettings


def queue_names(settings: WorkerSettings) -> Iterator[str]:
    """Own queue, interactive runs, home shards, then the others: the order that `workers.order` relies on.

    Homes are drawn from the worker's name, so that workers spread over the shards without knowing each other.
    """
    yield own_queue(settings.pool, settings.worker_name)
    yield interactive_queue(settings.pool)
    first = zlib.crc32(settings.worker_name.encode()) * HOME_SHARDS % settings.shards
    for step in range(settings.shards):
        yield shard_queue(settings.pool, (first + step) % settings.shards)
