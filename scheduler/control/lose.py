"""What control does with a unit whose lease ended without a verdict: it is ready again, or it ends.

The rules are `scheduler.state.groups` and `fold`; this module stores what they say. The caller holds the run's lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from harness.models.attempt import AttemptRecord, Cause
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from harness.safe_text import one_line
from scheduler.control.stop import end_by_force, stop_if_failed, stop_of
from scheduler.state.fold import fold
from scheduler.state.groups import Restart, give_up_unit, restart_unit
from scheduler.state.machine import Status, TestState
from scheduler.store.attempts import NewAttempt, accepted_records, supersede_attempts
from scheduler.store.change import Change
from scheduler.store.settle import Ending, reopen, settle
from scheduler.store.values import from_ms, now_ms
from scheduler.store.work import WorkRow, note_workers

MAX_AVOIDED, MAX_NAME = 5, 100

Unit = Mapping[int, WorkRow]
"""All members of a unit by number."""


@dataclass(frozen=True, slots=True)
class Loss:
    """How a lease ended. `counted`: a worker had it, so that the third time is the last.

    `number` is the test that `worker` was at; `written`: its request may have reached the server.
    """

    counted: bool
    number: int | None = None
    worker: str = ""
    written: bool = False


def lose_unit(change: Change, unit: Unit, loss: Loss) -> None:
    """Bring the unit's next lease about. A run or suite that stops ends it instead, and so does a test that must not
    be called twice."""
    first = next(iter(unit.values()))
    stop = stop_of(change.session, change.run, first.plan)
    if stop:
        end_by_force(change, list(unit.values()), stop)
        return
    once_only = called_once_only(unit, loss.number if loss.written else None)
    if once_only:
        _give_up(change, unit, give_up_unit(statuses_of(unit), now_ms()), _must_not_repeat(once_only))
        return
    restart = restart_unit(statuses_of(unit), first.unit, now_ms(), counted=loss.counted)
    if restart.given_up:
        _give_up(change, unit, restart)
        return
    open_again(change, unit, restart)
    note_workers(change.session, change.run.id, {first.unit: avoiding(unit[first.unit], [loss.worker])}, ())


def open_again(change: Change, unit: Unit, restart: Restart) -> None:
    """Store a unit that starts again."""
    superseded = {(number, unit[number].status.lease) for number in restart.superseded}
    supersede_attempts(change.session, change.run.id, superseded)
    reopen(change, restart.statuses, restart.superseded)


def called_once_only(unit: Unit, called: int | None) -> WorkRow | None:
    """A member that must not be called twice and was, or may have been, called under the unit's lease.

    `called`: the member whose call was under way.
    """
    for row in unit.values():
        recorded = row.status.state is TestState.FINAL and row.status.lease > 0
        if not row.idempotent and (recorded or row.number == called):
            return row
    return None


def avoiding(row: WorkRow, workers: Sequence[str]) -> list[str]:
    """Workers that the unit of this head is to avoid from now on, the newest last."""
    names = dict.fromkeys((*row.avoid, *(one_line(name, MAX_NAME) for name in workers if name)))
    return list(names)[-MAX_AVOIDED:]


def lost_attempt(run_id: str, row: WorkRow, worker: str, started_at: datetime, message: str) -> NewAttempt:
    """The record that a lost worker did not write. Without a worker, it was our own fault."""
    kind = CauseKind.WORKER_LOST if worker else CauseKind.INFRASTRUCTURE
    record = AttemptRecord(
        run_id=run_id,
        number=row.number,
        test_id=row.test_id,
        lease=row.status.lease,
        worker=worker,
        outcome=AttemptOutcome.LOST,
        cause=Cause(kind=kind, message=message),
        started_at=started_at,
        ended_at=from_ms(now_ms()),
    )
    return NewAttempt(record, record.model_dump_json())


def statuses_of(unit: Unit) -> dict[int, Status]:
    """What the state machine knows of the members."""
    return {number: row.status for number, row in unit.items()}


def _give_up(change: Change, unit: Unit, restart: Restart, why: str = "") -> None:
    """End the open members of a unit that is not tried again."""
    records = accepted_records(change.session, change.run.id, restart.given_up)
    endings = [_ending(unit[number], restart, records.get(number, ()), why) for number in sorted(restart.given_up)]
    settle(change, endings)
    stop_if_failed(change, endings)


def _ending(row: WorkRow, restart: Restart, records: Sequence[AttemptRecord], why: str) -> Ending:
    status = restart.statuses[row.number]
    if records and not why:
        return Ending.shown_by(row, status, fold(records))
    reason = f"{CauseKind.INFRASTRUCTURE}: {why or 'its group was lost'}"
    return Ending(row, status, TestOutcome.ERROR, CauseKind.INFRASTRUCTURE, reason)


def _must_not_repeat(row: WorkRow) -> str:
    return f"its worker was lost, and '{row.test_id}' may have been called already; idempotent: false forbids another"
