"""The Celery application of a worker: its queues in their order, its pool, its one task."""

import zlib
from collections.abc import Iterator

from celery import Celery

from workers.broker import build_consuming_app, direct_queue
from workers.messages import own_queue, shard_queue
from workers.order import HOME_SHARDS
from workers.service import WorkerService
from workers.settings import WorkerSettings
from workers.tasks import register_tasks


def build_worker_app(settings: WorkerSettings, service: WorkerService) -> Celery:
    """What `python -m workers` runs."""
    app = build_consuming_app(settings)
    app.conf.update(
        task_queues=tuple(direct_queue(name) for name in queue_names(settings)),
        worker_pool="workers.pool:CoroutinePool",
        worker_concurrency=settings.slots,
        worker_send_task_events=True,
        worker_soft_shutdown_timeout=settings.soft_stop_s,
    )
    app.service = service
    register_tasks(app, service)
    return app


def queue_names(settings: WorkerSettings) -> Iterator[str]:
    """Own queue, home shards, then the others: the order that `workers.order` relies on.

    Homes are drawn from the worker's name, so that workers spread over the shards without knowing each other.
    """
    yield own_queue(settings.pool, settings.worker_name)
    first = zlib.crc32(settings.worker_name.encode()) * HOME_SHARDS % settings.shards
    for step in range(settings.shards):
        yield shard_queue(settings.pool, (first + step) % settings.shards)
