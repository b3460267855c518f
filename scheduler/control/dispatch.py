"""Publishes what is ready, within the pool's window and each suite's cap."""

from scheduler.control.farm import Farm


def dispatch(farm: Farm, run_id: str | None = None) -> int:
    """Publish ready tests, oldest run first, in turn over runs; tells how many. `run_id` names a run to begin with."""
    raise NotImplementedError
