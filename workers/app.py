"""The Celery application of a worker: its queues in their order, its pool, its one task."""

from celery import Celery

from workers.broker import build_consuming_app, direct_queue
from workers.last_look import LastLook
from workers.queues import queue_names
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
    app.steps["consumer"].add(LastLook)
    app.service = service
    register_tasks(app, service)
    return app
