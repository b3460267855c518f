"""Ends a run early: waiting tests now, running ones by their workers, which see `farm:cancelled:<run>` and record."""

from harness.models.outcomes import TestOutcome
from harness.models.run import RunState
from scheduler.control.close import close_if_done
from scheduler.control.farm import Farm
from scheduler.control.full_redis import tolerating_full_redis
from scheduler.control.stop import carry_out
from scheduler.store.change import changing
from scheduler.store.database import Store
from scheduler.store.values import now_ms, storable
from workers.leases import LEASE_LIFE_S, cancelled_key


def cancel(farm: Farm, run_id: str, reason: str, outcome: TestOutcome = TestOutcome.CANCELLED) -> None:
    """Stop the run: waiting tests end as `outcome` now, running ones are ended by their workers. Idempotent.

    Raises RunMissing. What no worker ends within 10 s is ended by `recover`.
    """
    if mark_cancelled(farm.store, run_id, reason, outcome):
        carry_out_cancel(farm, run_id)


def mark_cancelled(store: Store, run_id: str, reason: str, outcome: TestOutcome = TestOutcome.CANCELLED) -> bool:
    """Write down that the run is to end; whoever runs it carries it out. False when it is closed already.

    Raises RunMissing. The first reason stays.
    """
    with changing(store, run_id) as change:
        run = change.run
        if run.state == RunState.RUNNING:
            run.state = RunState.CANCELLING.value
            run.cancelled_ms = now_ms()
            run.stop_outcome = outcome.value
            run.stop_reason = storable(reason)[:500] or "cancelled"
        return run.state != RunState.CLOSED


def carry_out_cancel(farm: Farm, run_id: str) -> None:
    """Tell Redis of a cancelled run, then end what waits. Repeated by `recover` after a crash."""
    with tolerating_full_redis():
        farm.redis.set(cancelled_key(run_id), "1", ex=LEASE_LIFE_S)
    carry_out(farm, run_id)
    close_if_done(farm, run_id)
