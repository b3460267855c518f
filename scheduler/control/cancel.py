"""Ends a run early: waiting tests now, running ones by their workers, which see `farm:cancelled:<run>` and record."""

from harness.models.outcomes import TestOutcome
from harness.models.run import RunState
from scheduler.control.close import close_if_done
from scheduler.control.farm import Farm
from scheduler.control.stop import end_waiting, withdraw
from scheduler.store.change import changing
from scheduler.store.values import now_ms, storable
from scheduler.store.work import load_waiting
from workers.leases import LEASE_LIFE_S, cancelled_key


def cancel(farm: Farm, run_id: str, reason: str) -> None:
    """Stop the run: waiting tests are cancelled now, running ones are ended by their workers. Idempotent.

    Raises RunMissing. What no worker ends within 10 s is ended by `recover`.
    """
    with changing(farm.store, run_id) as change:
        run = change.run
        if run.state == RunState.CLOSED:
            return
        if run.state == RunState.RUNNING:
            run.state = RunState.CANCELLING.value
            run.cancelled_ms = now_ms()
            run.stop_reason = storable(reason)[:500] or "cancelled"
        end_waiting(change, load_waiting(change.session, run_id), (TestOutcome.CANCELLED, run.stop_reason))
    carry_out(farm, run_id)


def carry_out(farm: Farm, run_id: str) -> None:
    """Tell Redis of a cancelled run, and take back what no worker has. Repeated by `recover` after a crash."""
    farm.redis.set(cancelled_key(run_id), "1", ex=LEASE_LIFE_S)
    withdraw(farm, run_id)
    close_if_done(farm, run_id)
