"""A step of Celery's consumer: when the worker stops, the question that is still under way in Redis is settled first.

Without it a message that comes within its last second would wait in this process until the running tests have ended.
"""

from contextlib import suppress
from queue import Empty
from typing import Any

from celery import bootsteps
from kombu.common import ignore_errors


class LastLook(bootsteps.StartStopStep):  # type: ignore[misc]  # celery is untyped
    """Stops before `Tasks` does, on the same thread."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def stop(self, parent: Any) -> None:
        """Take no more messages. What comes now finds nobody who wants it, and kombu returns it to its queue."""
        if parent.task_consumer is None or parent.controller.blueprint.state != bootsteps.CLOSE:
            return  # it only connects again
        channel = parent.task_consumer.channel
        for step in (parent.task_consumer.cancel, lambda: _settle(channel)):
            ignore_errors(parent, step)  # type: ignore[no-untyped-call]  # kombu is typed in part


def _settle(channel: Any) -> None:
    """Read the answer, which comes within a second."""
    if channel._in_poll:
        with suppress(Empty):
            channel._brpop_read()
