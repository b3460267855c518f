"""Nothing further of a run, or of one suite, starts: what waits ends, what runs goes on, unless its run is cancelled.

A stop is marked in one short transaction; dispatch passes over what is marked. `carry_out` does the rest, in parts, and
is repeated by `recover` after a crash. Tests that are published but not taken are withdrawn from Redis: until then
they may still be taken, and then simply run.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from sqlalchemy import func, select, update
from sqlmodel import Session

from harness.models.attempt import AttemptRecord
from harness.models.outcomes import BAD, CauseKind, TestOutcome
from scheduler.control.farm import Farm
from scheduler.state.fold import fold
from scheduler.state.machine import Event, EventKind, Status, TestState, advance, allows
from scheduler.store.attempts import accepted_records
from scheduler.store.change import Change, RunRow, changing, load_run
from scheduler.store.settle import Ending, settle
from scheduler.store.tables import RUN_PLANS
from scheduler.store.values import now_ms
from scheduler.store.work import WorkRow, load_in_flight, load_waiting
from workers.leases import lease_key

PART = 2_000
"""Tests that one transaction ends: a run of 100,000 does not hold its lock for seconds."""

_P = RUN_PLANS.c
_WITHDRAW = files("scheduler.control").joinpath("withdraw.lua").read_text()


@dataclass(frozen=True, slots=True)
class Stop:
    """What becomes of tests that do not start any more, and why."""

    outcome: TestOutcome
    reason: str
    cause: CauseKind = CauseKind.CANCELLED


def stop_run(change: Change, reason: str) -> bool:
    """Mark the whole run as stopped; tells whether it went on until now."""
    if change.run.stop_reason:
        return False
    change.run.stop_reason = reason
    return True


def stop_plan(change: Change, plan: int, reason: str) -> bool:
    """Mark one suite as stopped if its author asked for that; tells whether it went on until now."""
    session, run = change.session, change.run
    which = update(RUN_PLANS).where(_P.run_id == run.id, _P.plan == plan, _P.fail_fast, _P.stop_reason == "")
    return not run.stop_reason and session.connection().execute(which.values(stop_reason=reason)).rowcount > 0


def stop_if_failed(change: Change, endings: Sequence[Ending]) -> bool:
    """Stop what is to stop at its first failure, if there is one among these; tells whether anything stops."""
    failed = [ending for ending in endings if ending.outcome in BAD]
    if failed and change.run.fail_fast:
        return stop_run(change, f"stopped after the first failure: {failed[0].row.test_id}")
    first = {ending.row.plan: ending.row.test_id for ending in reversed(failed)}
    stops = [
        stop_plan(change, plan, f"its suite stops at the first failure: {test_id}") for plan, test_id in first.items()
    ]
    return any(stops)


def stop_of(session: Session, run: RunRow, plan: int) -> Stop | None:
    """What becomes of tests of this suite that do not start any more; None while it goes on."""
    if run.cancelled_ms is not None:
        return Stop(TestOutcome(run.stop_outcome or TestOutcome.CANCELLED), run.stop_reason)
    if run.stop_reason:
        return Stop(TestOutcome.NOT_RUN, run.stop_reason)
    query = select(_P.stop_reason, _P.stop_outcome).where(_P.run_id == run.id, _P.plan == plan)
    reason, outcome = session.connection().execute(query).one()
    if outcome == TestOutcome.SKIPPED:
        return Stop(TestOutcome.SKIPPED, reason, CauseKind.DEPENDENCY)
    return Stop(TestOutcome.NOT_RUN, reason) if reason else None


def has_stopped(session: Session, run: RunRow) -> bool:
    """Whether the run, or any suite of it, stops early."""
    suites = select(func.count()).where(_P.run_id == run.id, _P.stop_reason != "")
    return bool(run.stop_reason) or session.connection().execute(suites).scalar_one() > 0


def carry_out(farm: Farm, run_id: str) -> None:
    """End what has stopped: first what a worker could take in the next moment, then all that waits."""
    withdraw(farm, run_id)
    while _end_some(farm, run_id):
        pass


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
        published = [row for row in load_in_flight(session, run_id) if row.status.state is TestState.PUBLISHED]
        stops = {plan: stop_of(session, run, plan) for plan in {row.plan for row in published}}
        stopped = [row for row in published if stops[row.plan]]
    free = _take_back(farm, run_id, {row.number: row.status.lease for row in stopped})
    leases = {row.number: row.status.lease for row in stopped if row.number in free}
    return _end_withdrawn(farm, run_id, leases) if leases else 0


def _end_some(farm: Farm, run_id: str) -> int:
    """End up to PART tests that wait in what has stopped; tells how many."""
    with changing(farm.store, run_id) as change:
        plans = None if change.run.stop_reason else _stopped_plans(change)
        rows = [] if plans == [] else load_waiting(change.session, run_id, plans, PART)
        _end_of_plans(change, rows)
    return len(rows)


def _stopped_plans(change: Change) -> list[int]:
    query = select(_P.plan).where(_P.run_id == change.run.id, _P.stop_reason != "")
    return list(change.session.connection().execute(query).scalars())


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
        _end_of_plans(change, rows)
    return len(rows)


def _end_of_plans(change: Change, rows: Collection[WorkRow]) -> None:
    """End these tests as the stop of each one's suite says."""
    for plan in sorted({row.plan for row in rows}):
        stop = stop_of(change.session, change.run, plan)
        if stop:
            end_waiting(change, [row for row in rows if row.plan == plan], stop)


def _unchanged(row: WorkRow, leases: dict[int, int]) -> bool:
    return row.status.state is TestState.PUBLISHED and leases.get(row.number) == row.status.lease


def _end(change: Change, rows: Iterable[WorkRow], stop: Stop, kind: EventKind) -> None:
    now = now_ms()
    waiting = list(rows)
    failed = accepted_records(change.session, change.run.id, [row.number for row in waiting if row.retries])
    settle(
        change, [_ending(row, advance(row.status, Event(kind), now), stop, failed.get(row.number)) for row in waiting]
    )


def _ending(row: WorkRow, status: Status, stop: Stop, failed: Sequence[AttemptRecord] | None) -> Ending:
    """How a stopped test ends; one that waited for a retry keeps what it showed before."""
    if not failed:
        return Ending(row, status, stop.outcome, stop.cause, stop.reason)
    return Ending.shown_by(row, status, fold(failed))
