"""Merges records into the store: stream to transaction to acknowledgement."""

from scheduler.control.farm import Farm


def aggregate(
    farm: Farm, run_id: str, *, block_ms: int = 0, budget_s: float = 5.0, reclaim_idle_ms: int = 10_000
) -> int:
    """Drain the run's stream, dispatch what became free, close a run that has nothing open; tells how many it stored.

    Waits up to `block_ms` for each further batch and returns after about `budget_s` in any case. A process that is
    the only control may pass `reclaim_idle_ms=0`.
    """
    raise NotImplementedError
