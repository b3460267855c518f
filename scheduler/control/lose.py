"""What control does with a unit whose lease ended without a record: it is ready again, or ends as lost too often.

The rules are `scheduler.state.groups`; this module stores what they say. The caller holds the run's lock.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from harness.models.attempt import AttemptRecord, Cause
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from scheduler.control.stop import end_by_force, stop_of
from scheduler.state.fold import fold
from scheduler.state.groups import restart_unit
from scheduler.state.machine import Event, EventKind, advance
from scheduler.store.attempts import NewAttempt, supersede_attempts
from scheduler.store.change import Change
from scheduler.store.settle import Ending, reopen, settle
from scheduler.store.tables import ATTEMPTS
from scheduler.store.values import from_ms, now_ms
from scheduler.store.work import WorkRow

_A = ATTEMPTS.c
Unit = Mapping[int, WorkRow]
"""All members of a unit by number."""


def lose_unit(change: Change, unit: Unit, *, counted: bool) -> None:
    """Bring the unit's next lease about. `counted`: a worker had it. A run or suite that stops ends it instead."""
    first = next(iter(unit.values()))
    stop = stop_of(change.session, change.run, first.plan)
    if stop:
        end_by_force(change, list(unit.values()), stop)
        return
    restart = restart_unit({number: row.status for number, row in unit.items()}, first.unit, now_ms(), counted=counted)
    settle(change, [_given_up(change, unit[number]) for number in sorted(restart.given_up)])
    reopened = {number: status for number, status in restart.statuses.items() if number not in restart.given_up}
    superseded = {(number, unit[number].status.lease) for number in restart.superseded}
    supersede_attempts(change.session, change.run.id, superseded)
    reopen(change, reopened, restart.superseded)


def lost_attempt(run_id: str, row: WorkRow, worker: str, started_at: datetime, message: str) -> NewAttempt:
    """The record that a lost worker did not write."""
    record = AttemptRecord(
        run_id=run_id,
        number=row.number,
        test_id=row.test_id,
        lease=row.status.lease,
        worker=worker,
        outcome=AttemptOutcome.LOST,
        cause=Cause(kind=CauseKind.INFRASTRUCTURE, message=message),
        started_at=started_at,
        ended_at=from_ms(now_ms()),
    )
    return NewAttempt(record, record.model_dump_json())


def _given_up(change: Change, row: WorkRow) -> Ending:
    """The ending of an open member of a unit that was lost for the last time."""
    status = advance(row.status, Event(EventKind.GIVEN_UP, row.status.lease), now_ms())
    lost = _accepted(change, row.number)
    reason = fold(lost).reason if lost else f"{CauseKind.INFRASTRUCTURE}: its group was lost"
    return Ending(row, status, TestOutcome.ERROR, CauseKind.INFRASTRUCTURE, reason)


def _accepted(change: Change, number: int) -> list[AttemptRecord]:
    query = (
        select(_A.details)
        .where(_A.run_id == change.run.id, _A.number == number, _A.stale.is_(False), _A.superseded.is_(False))
        .order_by(_A.lease)
    )
    return [AttemptRecord.model_validate(details) for details in change.session.connection().execute(query).scalars()]
