"""Ends a run early."""

from scheduler.control.farm import Farm


def cancel(farm: Farm, run_id: str, reason: str) -> None:
    """Stop the run: waiting tests are cancelled now, running ones are ended by their workers. Idempotent."""
    raise NotImplementedError
