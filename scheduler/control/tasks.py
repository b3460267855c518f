"""The tasks of `control`: decode, call, no more. Each may run twice or at the same time; the database decides."""

from collections.abc import Callable

from scheduler.control.aggregate import aggregate
from scheduler.control.app import app, farm
from scheduler.control.beat import DUE, RECOVER
from scheduler.control.dispatch import dispatch, release_due
from scheduler.control.recover import recover
from scheduler.control.startup import tell_options
from workers.messages import AGGREGATE

DISPATCH = "farm.dispatch"
LINGER_MS = 100
TURN_S = 2.0
"""A task waits this long for more records, and ends after this long: many records in one, and a turn for other runs."""


def dispatch_run(run_id: str) -> None:
    """Publish what is ready, now that this run is there, too."""
    dispatch(farm())


def aggregate_run(run_id: str) -> None:
    """Merge the run's records into the store; publish what that made ready; close the run when nothing is open."""
    aggregate(farm(), run_id, block_ms=LINGER_MS, budget_s=TURN_S)


def publish_due() -> None:
    """Publish what may be retried now, and probe targets that were unreachable."""
    release_due(farm())
    dispatch(farm())


def recover_all() -> None:
    """Bring back what was lost, and tell workers what we expect of them."""
    recover(farm())
    tell_options(farm().settings, app.conf, farm().redis)


TASKS: dict[str, Callable[..., None]] = {
    DISPATCH: dispatch_run,
    AGGREGATE: aggregate_run,
    DUE: publish_due,
    RECOVER: recover_all,
}

for name, function in TASKS.items():
    app.task(function, name=name, send_events=False)  # Flower is for tests
