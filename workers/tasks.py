"""The one task of a worker. Its body never runs: the pool takes the coroutine."""

from typing import Any

from celery import Celery

from workers.messages import RUN_TEST
from workers.service import WorkerService


def register_tasks(app: Celery, service: WorkerService) -> None:
    """Offer `farm.run_test` on `app`."""

    @app.task(name=RUN_TEST, Request="workers.request:TestRequest", send_events=False)  # type: ignore[untyped-decorator]  # Celery has no types
    def run_test(message: dict[str, Any]) -> None:
        raise NotImplementedError("a coroutine, for workers.pool:CoroutinePool")

    run_test.coroutine = service.run
