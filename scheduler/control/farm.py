"""What every function of `control` takes first: the farm's store, Redis, blobs and settings, opened once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis

from scheduler.settings import FarmSettings
from scheduler.store.blobs import DirectoryBlobs
from scheduler.store.database import Store, open_store
from workers.redis_clients import redis_client


@dataclass(frozen=True)
class Farm:
    """A farm's outside things. Safe to share between threads."""

    store: Store
    redis: redis.Redis
    blobs: DirectoryBlobs
    settings: FarmSettings


@contextmanager
def open_farm(settings: FarmSettings) -> Iterator[Farm]:
    """The farm of `settings`, whose `redis_url` must be filled in by now. Raises FarmUnreachable."""
    store = open_store(settings.database)
    client = redis_client(settings.redis_url)
    try:
        yield Farm(store, client, DirectoryBlobs(settings.blobs), settings)
    finally:
        client.close()
        store.close()
