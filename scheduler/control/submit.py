"""Accepts a run: its bundle becomes plans, and one transaction makes the run and all its tests."""

from harness.models.run import RunRequest, RunView
from scheduler.control.farm import Farm


def submit(farm: Farm, request: RunRequest) -> RunView:
    """Store a run and all its tests; the caller dispatches (or sends `farm.dispatch`) afterwards.

    Raises SuiteErrors, NothingSelected, UsageError or BlobMissing, and then nothing is kept.
    """
    raise NotImplementedError
