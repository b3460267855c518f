"""Ends a run that has nothing open: exit code, last event, and its keys in Redis."""

from sqlmodel import Session

from harness.models.outcomes import TestOutcome
from harness.models.run import RunReport, RunState
from scheduler.control.farm import Farm
from scheduler.reports.totals import RUN
from scheduler.reports.verdict import exit_code
from scheduler.store.database import run_lock
from scheduler.store.queries import run_outline, run_report
from scheduler.store.tables import Run
from scheduler.store.values import now_ms
from workers.leases import records_key, wake_key


def close_if_done(farm: Farm, run_id: str) -> bool:
    """Close the run if every test of it has an outcome; tells whether it did. Closing twice is harmless."""
    with farm.store.session() as session:
        run = session.get(Run, run_id)
        if run is None or not _is_done(run):
            return False
    with farm.store.writing(run_lock(run_id)) as session:
        run = session.get_one(Run, run_id)
        if not _is_done(run):
            return False
        run.exit_code = int(exit_code(_report(session, run)))
        run.state = RunState.CLOSED.value
        run.finished_ms = now_ms()
        run.seq += 1
    forget_keys(farm, run_id)
    return True


def is_closed(farm: Farm, run_id: str) -> bool:
    """Whether the run has ended for good; so has one that does not exist."""
    with farm.store.session() as session:
        run = session.get(Run, run_id)
        return run is None or run.state == RunState.CLOSED


def forget_keys(farm: Farm, run_id: str) -> None:
    """Delete what Redis holds of a closed run. Its leases ended with its tests; `farm:cancelled:` expires by itself."""
    farm.redis.delete(records_key(run_id), wake_key(run_id))


def _report(session: Session, run: Run) -> RunReport:
    """What the verdict needs: attempts, which are large, only where nothing but errors can mean `no server ran`."""
    only_errors = TestOutcome.ERROR in run.totals and not (RUN - {TestOutcome.ERROR}) & run.totals.keys()
    return run_report(session, run.id) if only_errors else run_outline(session, run.id)


def _is_done(run: Run) -> bool:
    return run.state != RunState.CLOSED and sum(run.totals.values()) == run.total
