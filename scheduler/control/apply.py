"""What accepted records do to their tests: an outcome, a retry, or the next lease. Part of the merge's transaction."""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from harness.models.attempt import AttemptRecord
from harness.models.outcomes import BAD_ATTEMPTS, AttemptOutcome, CauseKind, TestOutcome
from harness.models.suite import Retry
from scheduler.control.lose import Loss, Unit, avoiding, lose_unit, open_again, statuses_of
from scheduler.control.stop import stop_if_failed, stop_of
from scheduler.state.fold import fold
from scheduler.state.groups import retry_unit
from scheduler.state.machine import IN_FLIGHT, MAX_UNCOUNTED_LEASES, conclude
from scheduler.state.retries import delay_ms, retry_budget, wants_retry
from scheduler.store.attempts import accepted_records
from scheduler.store.change import Change
from scheduler.store.settle import Ending, settle
from scheduler.store.tables import RUN_PLANS
from scheduler.store.values import now_ms
from scheduler.store.work import WorkRow, load_units, note_workers

_P = RUN_PLANS.c
Rows = Mapping[int, WorkRow]


@dataclass(frozen=True)
class Applied:
    """`stopped`: a failure ended the run or a suite. `over`: leases (by number of the test) of members that workers
    still hold while their group starts again."""

    stopped: bool = False
    over: dict[int, int] = field(default_factory=dict)


@dataclass
class _Fates:
    """Records by what becomes of their tests."""

    lost: list[AttemptRecord] = field(default_factory=list)
    retried: list[AttemptRecord] = field(default_factory=list)
    ended: list[AttemptRecord] = field(default_factory=list)


def apply_records(change: Change, rows: Rows, records: Sequence[AttemptRecord]) -> Applied:
    """Store what these records, accepted and added just now, mean."""
    policies = _Policies(change)
    fates = _sort(change, rows, records, policies)
    endings = _endings(change, rows, fates.ended)
    settle(change, endings)
    stopped = stop_if_failed(change, endings)
    over = _retry(change, rows, fates.retried, policies)
    retried = {rows[record.number].unit for record in fates.retried}  # they start again in any case
    losses = {
        rows[record.number].unit: _loss(record) for record in fates.lost if rows[record.number].unit not in retried
    }
    for head, unit in load_units(change.session, change.run.id, losses.keys()).items():
        lose_unit(change, unit, losses[head])
    return Applied(stopped, over)


def _sort(change: Change, rows: Rows, records: Iterable[AttemptRecord], policies: "_Policies") -> _Fates:
    fates = _Fates()
    for record in records:
        row = rows[record.number]
        if _is_lost(change, row, record):
            fates.lost.append(record)
        elif record.outcome in BAD_ATTEMPTS and policies.grant(row, record):
            fates.retried.append(record)
        else:
            fates.ended.append(record)
    return fates


def _is_lost(change: Change, row: WorkRow, record: AttemptRecord) -> bool:
    """Whether the attempt says nothing about the test: its worker could not, or ended it although nobody asked to."""
    if record.outcome is AttemptOutcome.LOST:
        return True
    return record.outcome is AttemptOutcome.ABORTED and stop_of(change.session, change.run, row.plan) is None


def _loss(record: AttemptRecord) -> Loss:
    handed_back = record.cause is not None and record.cause.kind is CauseKind.HANDED_BACK
    counted = not handed_back or record.lease >= MAX_UNCOUNTED_LEASES
    return Loss(counted, record.number, record.worker, record.request_written)


class _Policies:
    """Grants retries: as the suite's policy says, within the run's budget, and only while the suite goes on.

    Each policy is read once for a batch.
    """

    def __init__(self, change: Change) -> None:
        self._change = change
        self._policies: dict[int, Retry | None] = {}
        self._left = retry_budget(change.run.total) - change.run.retries

    def grant(self, row: WorkRow, record: AttemptRecord) -> bool:
        """Whether the test is run again; the budget is charged for it."""
        granted = (
            self._left > 0
            and wants_retry(self.of(row.plan), record, row.retries, idempotent=row.idempotent)
            and stop_of(self._change.session, self._change.run, row.plan) is None
            and not self._group_forbids(row)
        )
        self._left -= granted
        return granted

    def of(self, plan: int) -> Retry | None:
        """The retry policy of a suite, as it was planned."""
        if plan not in self._policies:
            query = select(_P.retry).where(_P.run_id == self._change.run.id, _P.plan == plan)
            stored = self._change.session.connection().execute(query).scalar_one()
            self._policies[plan] = None if stored is None else Retry.model_validate(stored)
        return self._policies[plan]

    def wait_ms(self, row: WorkRow) -> int:
        """How long a test that is granted a retry waits for it."""
        policy = self.of(row.plan)
        chance = random.Random(f"{self._change.run.id}:{row.number}:{row.retries}").random()
        return 0 if policy is None else delay_ms(policy, row.retries, chance)

    def _group_forbids(self, row: WorkRow) -> bool:
        """A group starts again as a whole: not if that might call a member twice that must not be.

        Any other member under the lease may have been called by now: it follows the record before we see it.
        """
        if not row.grouped:
            return False
        unit = load_units(self._change.session, self._change.run.id, {row.unit})[row.unit]
        others = (member for number, member in unit.items() if number != row.number)
        return any(not member.idempotent and member.status.lease > 0 for member in others)


def _retry(change: Change, rows: Rows, records: Sequence[AttemptRecord], policies: _Policies) -> dict[int, int]:
    """Have these tests run again, groups from their head; the leases that this takes from workers."""
    by_unit: dict[int, list[AttemptRecord]] = defaultdict(list)
    for record in records:
        by_unit[rows[record.number].unit].append(record)
    over: dict[int, int] = {}
    for head, unit in load_units(change.session, change.run.id, by_unit.keys()).items():
        failed = by_unit[head]
        wait_ms = max(policies.wait_ms(unit[record.number]) for record in failed)
        _retry_unit(change, unit, failed, wait_ms)
        others = unit.keys() - {record.number for record in failed}
        over |= {number: unit[number].status.lease for number in others if unit[number].status.state in IN_FLIGHT}
    change.run.retries += len(records)
    return over


def _retry_unit(change: Change, unit: Unit, failed: Sequence[AttemptRecord], wait_ms: int) -> None:
    now, numbers = now_ms(), [record.number for record in failed]
    head = unit[numbers[0]].unit
    open_again(change, unit, retry_unit(statuses_of(unit), head, numbers, now + wait_ms, now))
    avoid = avoiding(unit[head], [record.worker for record in failed])
    note_workers(change.session, change.run.id, {head: avoid}, numbers)


def _endings(change: Change, rows: Rows, records: Sequence[AttemptRecord]) -> list[Ending]:
    again = [record.number for record in records if rows[record.number].retries]
    earlier = accepted_records(change.session, change.run.id, again) if again else {}
    return [_ending(change, rows[record.number], record, earlier.get(record.number, [record])) for record in records]


def _ending(change: Change, row: WorkRow, record: AttemptRecord, accepted: Sequence[AttemptRecord]) -> Ending:
    """`accepted`: all records of the test that count, this one among them. What its worker ended because the run
    stops counts as what waits in that run."""
    found = fold(accepted)
    status = conclude(row.status, record.lease, now_ms())
    stop = stop_of(change.session, change.run, row.plan) if found.outcome is TestOutcome.CANCELLED else None
    if stop is not None:
        return Ending(row, status, stop.outcome, stop.cause, stop.reason, found.duration_s)
    return Ending.shown_by(row, status, found)
