"""Nothing further of a run, or of one suite, starts: what waits ends now, what runs goes on.

The functions that take a Change belong into the caller's transaction. Tests that are published but not taken are
withdrawn from Redis afterwards: until then they may still be taken, and then simply run.
"""

from collections.abc import Collection, Sequence
from importlib.resources import files

from sqlalchemy import func, select, update
from sqlmodel import Session

from harness.models.outcomes import CauseKind, TestOutcome
from scheduler.control.farm import Farm
from scheduler.state.machine import Event, EventKind, TestState, advance, allows
from scheduler.store.change import Change, RunRow, changing, load_run
from scheduler.store.settle import Ending, settle
from scheduler.store.tables import RUN_PLANS
from scheduler.store.values import now_ms
from scheduler.store.work import WorkRow, load_in_flight, load_waiting
from workers.leases import lease_key

_P = RUN_PLANS.c
_WITHDRAW = files("scheduler.control").joinpath("withdraw.lua").read_text()

Stop = tuple[TestOutcome, str]
"""What becomes of tests that do not start any more, and why."""


def stop_run(change: Change, reason: str) -> bool:
    """Stop the whole run; tells whether it went on until now."""
    run = change.run
    if run.stop_reason:
        return False
    run.stop_reason = reason
    end_waiting(change, load_waiting(change.session, run.id), (TestOutcome.NOT_RUN, reason))
    return True


def stop_plan(change: Change, plan: int, reason: str) -> bool:
    """Stop one suite if its author asked for that; tells whether it went on until now."""
    session, run = change.session, change.run
    which = update(RUN_PLANS).where(_P.run_id == run.id, _P.plan == plan, _P.fail_fast, _P.stop_reason == "")
    if run.stop_reason or not session.connection().execute(which.values(stop_reason=reason)).rowcount:
        return False
    end_waiting(change, load_waiting(session, run.id, plan), (TestOutcome.NOT_RUN, reason))
    return True


def stop_of(session: Session, run: RunRow, plan: int) -> Stop | None:
    """What becomes of tests of this suite that do not start any more; None while it goes on."""
    if run.cancelled_ms is not None:
        return TestOutcome.CANCELLED, run.stop_reason
    query = select(_P.stop_reason).where(_P.run_id == run.id, _P.plan == plan)
    reason = run.stop_reason or session.connection().execute(query).scalar_one()
    return (TestOutcome.NOT_RUN, reason) if reason else None


def has_stopped(session: Session, run: RunRow) -> bool:
    """Whether the run, or any suite of it, stops early."""
    suites = select(func.count()).where(_P.run_id == run.id, _P.stop_reason != "")
    return bool(run.stop_reason) or session.connection().execute(suites).scalar_one() > 0


def end_waiting(change: Change, rows: Sequence[WorkRow], stop: Stop) -> None:
    """End tests that nobody has started."""
    _end(change, rows, stop, EventKind.STOPPED)


def end_by_force(change: Change, rows: Sequence[WorkRow], stop: Stop) -> None:
    """End those of the tests that are in flight, without a record: their run or suite stops."""
    _end(change, [row for row in rows if allows(row.status, Event(EventKind.ENDED), 0)], stop, EventKind.ENDED)


def withdraw(farm: Farm, run_id: str) -> int:
    """End the published tests of what has stopped that no worker has taken; tells how many."""
    with farm.store.session() as session:
        run = load_run(session, run_id)
        published = [
            row
            for row in load_in_flight(session, run_id)
            if row.status.state is TestState.PUBLISHED and stop_of(session, run, row.plan)
        ]
    free = _take_back(farm, run_id, {row.number: row.status.lease for row in published})
    leases = {row.number: row.status.lease for row in published if row.number in free}
    return _end_withdrawn(farm, run_id, leases) if leases else 0


def _take_back(farm: Farm, run_id: str, leases: dict[int, int]) -> set[int]:
    """Numbers whose lease no worker can take any more. One that is gone was recorded: its record is on its way."""
    if not leases:
        return set()
    with farm.redis.pipeline(transaction=False) as pipe:
        for number, lease in leases.items():
            pipe.eval(_WITHDRAW, 1, lease_key(run_id, number), str(lease))
        return {number for number, ours in zip(leases, pipe.execute(), strict=True) if ours}


def _end_withdrawn(farm: Farm, run_id: str, leases: dict[int, int]) -> int:
    with changing(farm.store, run_id) as change:
        rows = [row for row in load_in_flight(change.session, run_id) if _unchanged(row, leases)]
        for plan in sorted({row.plan for row in rows}):
            stop = stop_of(change.session, change.run, plan)
            if stop:
                end_waiting(change, [row for row in rows if row.plan == plan], stop)
    return len(rows)


def _unchanged(row: WorkRow, leases: dict[int, int]) -> bool:
    return row.status.state is TestState.PUBLISHED and leases.get(row.number) == row.status.lease


def _end(change: Change, rows: Collection[WorkRow], stop: Stop, kind: EventKind) -> None:
    outcome, reason = stop
    now = now_ms()
    endings = [Ending(row, advance(row.status, Event(kind), now), outcome, CauseKind.CANCELLED, reason) for row in rows]
    settle(change, endings)
