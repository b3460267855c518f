"""Ends a run that has nothing open: its causes, exit code, last event, and its keys in Redis."""

from harness.models.outcomes import TestOutcome
from harness.models.run import RunState
from scheduler.control.farm import Farm
from scheduler.reports.totals import totals_of
from scheduler.reports.verdict import exit_code_of
from scheduler.store.change import Change, changing, load_run
from scheduler.store.gates import tolerated_tests
from scheduler.store.looks import look_at, save_look
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
    """What costs time, to look at what failed, is done before the run's lock is taken."""
    with farm.store.session() as session:
        look = look_at(session, load_run(session, run_id))
    with changing(farm.store, run_id) as change:
        run = change.run
        if run.state == RunState.CLOSED or run.left:
            return
        if run.seq != look.seq:
            look = look_at(change.session, run)
        save_look(change.session, run_id, look)
        run.exit_code = _exit_code(change)
        run.state = RunState.CLOSED.value
        run.finished_ms = now_ms()
        run.seq += 1


def _exit_code(change: Change) -> int:
    run, session = change.run, change.session
    totals = totals_of({TestOutcome(name): count for name, count in run.totals.items()}, run.total)
    forgiven = tolerated_tests(session, run.id)
    return int(exit_code_of(totals, found_server=found_server(session, run.id), tolerated=forgiven))
