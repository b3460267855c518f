"""Nothing further of a run, or of one suite, starts: what waits ends now, what runs goes on.

The functions that take a session belong into the transaction of a caller that holds the run's lock. Tests that are
published but not taken are withdrawn from Redis afterwards: until then they may still be taken, and then simply run.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlmodel import Session

from harness.models.outcomes import CauseKind, TestOutcome
from scheduler.control.farm import Farm
from scheduler.state.machine import Event, EventKind, TestState, advance, allows
from scheduler.store.counters import Increments
from scheduler.store.database import run_lock
from scheduler.store.settle import Ending, settle
from scheduler.store.tables import RUN_PLANS, Run, RunPlan
from scheduler.store.values import now_ms
from scheduler.store.work import WorkRow, load_in_flight, load_waiting
from workers.leases import lease_key

WITHDRAWN = "withdrawn"
"""The token that control takes a lease with, so that no worker gets it any more."""

Stop = tuple[TestOutcome, str]
"""What becomes of tests that do not start any more, and why."""


def stop_run(session: Session, run: Run, reason: str, counters: Increments) -> bool:
    """Stop the whole run; tells whether it went on until now."""
    if run.stop_reason:
        return False
    run.stop_reason = reason
    end_waiting(session, run, load_waiting(session, run.id), (TestOutcome.NOT_RUN, reason), counters)
    return True


def stop_plan(session: Session, run: Run, plan: int, reason: str, counters: Increments) -> bool:
    """Stop one suite if its author asked for that; tells whether it went on until now."""
    row = session.get_one(RunPlan, (run.id, plan))
    if not row.fail_fast or row.stop_reason or run.stop_reason:
        return False
    row.stop_reason = reason
    end_waiting(session, run, load_waiting(session, run.id, plan), (TestOutcome.NOT_RUN, reason), counters)
    return True


def stop_of(session: Session, run: Run, plan: int) -> Stop | None:
    """What becomes of tests of this suite that do not start any more; None while it goes on."""
    if run.cancelled_ms is not None:
        return TestOutcome.CANCELLED, run.stop_reason
    reason = run.stop_reason or session.get_one(RunPlan, (run.id, plan)).stop_reason
    return (TestOutcome.NOT_RUN, reason) if reason else None


def has_stopped(session: Session, run: Run) -> bool:
    """Whether the run, or any suite of it, stops early."""
    suites = select(func.count()).where(RUN_PLANS.c.run_id == run.id, RUN_PLANS.c.stop_reason != "")
    return bool(run.stop_reason) or session.connection().execute(suites).scalar_one() > 0


def end_waiting(session: Session, run: Run, rows: Sequence[WorkRow], stop: Stop, counters: Increments) -> None:
    """End tests that nobody has started."""
    _end(session, run, rows, stop, counters, EventKind.STOPPED)


def end_by_force(session: Session, run: Run, rows: Sequence[WorkRow], stop: Stop, counters: Increments) -> None:
    """End those of the tests that are in flight, without a record: their run or suite stops."""
    in_flight = [row for row in rows if allows(row.status, Event(EventKind.ENDED), 0)]
    _end(session, run, in_flight, stop, counters, EventKind.ENDED)


def withdraw(farm: Farm, run_id: str) -> int:
    """End the published tests of what has stopped that no worker has taken; tells how many."""
    with farm.store.session() as session:
        run = session.get_one(Run, run_id)
        published = [
            row
            for row in load_in_flight(session, run_id)
            if row.status.state is TestState.PUBLISHED and stop_of(session, run, row.plan)
        ]
    free = _take_back(farm, run_id, [row.number for row in published])
    leases = {row.number: row.status.lease for row in published if row.number in free}
    return _end_withdrawn(farm, run_id, leases) if leases else 0


def _take_back(farm: Farm, run_id: str, numbers: Sequence[int]) -> set[int]:
    """Numbers whose lease no worker can take any more."""
    if not numbers:
        return set()
    with farm.redis.pipeline(transaction=False) as pipe:
        for number in numbers:
            pipe.hsetnx(lease_key(run_id, number), "token", WITHDRAWN)
        taken_back = {number for number, ours in zip(numbers, pipe.execute(), strict=True) if ours}
    if taken_back:
        farm.redis.delete(*(lease_key(run_id, number) for number in taken_back))
    return taken_back


def _end_withdrawn(farm: Farm, run_id: str, leases: dict[int, int]) -> int:
    counters = Increments()
    with farm.store.writing(run_lock(run_id)) as session:
        run = session.get_one(Run, run_id)
        rows = [row for row in load_in_flight(session, run_id) if _unchanged(row, leases)]
        for plan in sorted({row.plan for row in rows}):
            stop = stop_of(session, run, plan)
            if stop:
                end_waiting(session, run, [row for row in rows if row.plan == plan], stop, counters)
        counters.write(session)
    return len(rows)


def _unchanged(row: WorkRow, leases: dict[int, int]) -> bool:
    return row.status.state is TestState.PUBLISHED and leases.get(row.number) == row.status.lease


def _end(
    session: Session, run: Run, rows: Collection[WorkRow], stop: Stop, counters: Increments, kind: EventKind
) -> None:
    outcome, reason = stop
    now = now_ms()
    endings = [Ending(row, advance(row.status, Event(kind), now), outcome, CauseKind.CANCELLED, reason) for row in rows]
    settle(session, run, endings, counters)
