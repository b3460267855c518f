"""Celery's view of one test: which events Flower gets of it, and what a cold shutdown does with it."""

from typing import Any

from celery.worker.request import Request

from workers.sampling import Sampler

SLOW_S = 1.0

_sampler = Sampler()


class TestRequest(Request):  # type: ignore[misc]  # celery is untyped
    """Sends events for a sample of tests when they are many, and always for those that failed or were slow.

    The task says `send_events=False`, so that Celery's own code sends none: full events cost more than a test does.
    """

    __test__ = False
    _announced = False

    def send_event(self, type: str, **fields: Any) -> None:
        """Called by Celery for every step of the test."""
        if not (self._eventer and self._eventer.enabled):
            return
        if type == "task-started":
            if _sampler.picks():
                self._announce()
        elif self._announced or _is_remarkable(type, fields):
            self._announce()
            self._eventer.send(type, uuid=self.id, **fields)

    def cancel(self, pool: Any, signal: Any = None, emit_retry: bool = True) -> None:
        """The worker shuts down: the test ends here, its message stays unacknowledged and returns to the queue."""
        pool.hand_back(self.worker_pid)
        self._announce_cancelled(emit_retry=False)

    def _announce(self) -> None:
        if self._announced:
            return
        self._announced = True
        self._eventer.send(
            "task-received",
            timestamp=self.time_start,
            uuid=self.id,
            name=self.name,
            args=self.argsrepr,
            kwargs=self.kwargsrepr,
            root_id=self.id,
            parent_id=None,
            retries=0,
            eta=None,
            expires=None,
        )


def _is_remarkable(type: str, fields: dict[str, Any]) -> bool:
    return type != "task-succeeded" or (fields.get("runtime") or 0.0) >= SLOW_S
