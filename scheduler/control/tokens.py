"""Run tokens: what lets a worker fetch the blobs of one run. Derived from the farm's secret, stored nowhere."""

from scheduler.control.farm import Farm


def run_token(farm: Farm, run_id: str) -> str:
    """The bearer token of a run."""
    raise NotImplementedError


def check_run_token(farm: Farm, token: str) -> str | None:
    """The id of the open run that `token` belongs to; None for any other token."""
    raise NotImplementedError
