"""The task behind beat's tick `farm.schedules`. Loaded by name into `control`, which must not import this package."""

from datetime import UTC, datetime

from scheduler.control.app import app, farm
from scheduler.control.beat import SCHEDULES
from scheduler.control.dispatch import dispatch
from scheduler.operate.schedules import start_due


def start_scheduled() -> None:
    """Start and dispatch what the clock says."""
    view = start_due(farm(), datetime.now(UTC))
    if view is not None:
        dispatch(farm(), view.run_id)


app.task(start_scheduled, name=SCHEDULES, send_events=False)
