"""Ends a run early: waiting tests now, running ones by their workers, which see `farm:cancelled:<run>` and record."""

from harness.errors import RunMissing
from harness.models.outcomes import TestOutcome
from harness.models.run import RunState
from scheduler.control.close import close_if_done
from scheduler.control.farm import Farm
from scheduler.control.stop import end_waiting, withdraw
from scheduler.store.counters import Increments
from scheduler.store.database import run_lock
from scheduler.store.tables import Run
from scheduler.store.values import now_ms, storable
from scheduler.store.work import load_waiting
from workers.leases import LEASE_LIFE_S, cancelled_key


def cancel(farm: Farm, run_id: str, reason: str) -> None:
    """Stop the run: waiting tests are cancelled now, running ones are ended by their workers. Idempotent.

    Raises RunMissing. What no worker ends within 10 s is ended by `recover`.
    """
    counters = Increments()
    with farm.store.writing(run_lock(run_id)) as session:
        run = session.get(Run, run_id)
        if run is None:
            raise RunMissing(f"there is no run '{run_id[:80]}'")
        if run.state == RunState.CLOSED:
            return
        if run.state == RunState.RUNNING:
            run.state = RunState.CANCELLING.value
            run.cancelled_ms = now_ms()
            run.stop_reason = storable(reason)[:500] or "cancelled"
        stop = (TestOutcome.CANCELLED, run.stop_reason)
        end_waiting(session, run, load_waiting(session, run_id), stop, counters)
        counters.write(session)
    carry_out(farm, run_id)


def carry_out(farm: Farm, run_id: str) -> None:
    """Tell Redis of a cancelled run, and take back what no worker has. Repeated by `recover` after a crash."""
    farm.redis.set(cancelled_key(run_id), "1", ex=LEASE_LIFE_S)
    withdraw(farm, run_id)
    close_if_done(farm, run_id)
