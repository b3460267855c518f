"""The tasks behind beat's ticks that are not about runs under way. Loaded by name into `control`, which lies below.

What they let out ends at Celery's task edge, which logs it with its traceback; the next tick comes anyway.
"""

from datetime import UTC, datetime

from scheduler.control.app import app, farm
from scheduler.control.beat import SCHEDULES, UPKEEP
from scheduler.control.dispatch import dispatch
from scheduler.operate.acl import keep_user
from scheduler.operate.schedules import start_due


def start_scheduled() -> None:
    """Start and dispatch what the clock says."""
    view = start_due(farm(), datetime.now(UTC))
    if view is not None:
        dispatch(farm())


def keep_up() -> None:
    """See to it that workers can connect, even to a Redis that has forgotten everything."""
    keep_user(farm().redis, farm().settings.worker_redis_url)


app.task(start_scheduled, name=SCHEDULES, send_events=False)
app.task(keep_up, name=UPKEEP, send_events=False)
