"""Ends a run that has nothing open: exit code, last event, and its keys in Redis."""

from harness.models.outcomes import TestOutcome
from harness.models.run import RunState
from scheduler.control.farm import Farm
from scheduler.reports.totals import totals_of
from scheduler.reports.verdict import exit_code_of
from scheduler.store.change import changing, load_run
from scheduler.store.gates import tolerated_tests
from scheduler.store.queries import found_server
from scheduler.store.values import now_ms
from workers.leases import records_key, wake_key


def close_if_done(farm: Farm, run_id: str) -> bool:
    """Close the run if every test of it has an outcome; tells whether it is closed. Closing twice is harmless.

    A closed run keeps nothing in Redis: what a late record made is deleted again. Raises RunMissing.
    """
    with farm.store.session() as session:
        run = load_run(session, run_id)
    if run.state != RunState.CLOSED:
        if run.left:
            return False
        _close(farm, run_id)
    forget_keys(farm, run_id)
    return True


def forget_keys(farm: Farm, run_id: str) -> None:
    """Delete what Redis holds of a closed run. Its leases ended with its tests; `farm:cancelled:` expires by itself."""
    farm.redis.delete(records_key(run_id), wake_key(run_id))


def _close(farm: Farm, run_id: str) -> None:
    with changing(farm.store, run_id) as change:
        run = change.run
        if run.state == RunState.CLOSED or run.left:
            return
        totals = totals_of({TestOutcome(name): count for name, count in run.totals.items()}, run.total)
        forgiven = tolerated_tests(change.session, run.id)
        run.exit_code = int(exit_code_of(totals, found_server=found_server(change.session, run.id), tolerated=forgiven))
        run.state = RunState.CLOSED.value
        run.finished_ms = now_ms()
        run.seq += 1
