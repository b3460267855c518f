"""Ends runs whose farm is gone: an embedded one that was killed. Nobody will run or record their tests any more."""

from collections.abc import Sequence

from harness.models.outcomes import TestOutcome
from harness.models.run import RunState
from scheduler.control.close import close_if_done
from scheduler.control.farm import Farm
from scheduler.control.stop import Stop, carry_out, end_by_force
from scheduler.store.change import changing
from scheduler.store.queries import open_runs
from scheduler.store.values import now_ms
from scheduler.store.work import load_in_flight

REASON = "the command that ran it was killed"


def abandon_pools(farm: Farm, pools: Sequence[str]) -> int:
    """End what is open of every run in these pools, as not run; tells how many runs."""
    with farm.store.session() as session:
        runs = [run_id for pool in pools for run_id in open_runs(session, pool)]
    for run_id in runs:
        _abandon(farm, run_id)
    return len(runs)


def _abandon(farm: Farm, run_id: str) -> None:
    with changing(farm.store, run_id) as change:
        change.run.state = RunState.CANCELLING.value
        change.run.cancelled_ms = change.run.cancelled_ms or now_ms()
        change.run.stop_outcome = change.run.stop_outcome or TestOutcome.NOT_RUN.value
        change.run.stop_reason = change.run.stop_reason or REASON
        end_by_force(change, load_in_flight(change.session, run_id), Stop(TestOutcome.NOT_RUN, REASON))
    carry_out(farm, run_id)
    close_if_done(farm, run_id)
