"""Looks at the tests of a run that are in flight, and acts on those that nothing in Redis explains any more."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from harness.log import get_logger
from harness.models.outcomes import TestOutcome
from scheduler.control.farm import Farm
from scheduler.control.forget import forget_leases
from scheduler.control.lose import Loss, lose_unit, lost_attempt
from scheduler.control.sightings import find_messages, message_id, see
from scheduler.control.stop import Stop, end_by_force
from scheduler.state.machine import IN_FLIGHT, MAX_UNCOUNTED_LEASES, TestState
from scheduler.state.waits import Finding, Sighting, Wait, examine
from scheduler.store.attempts import NewAttempt, add_attempts
from scheduler.store.change import Change, RunRow, changing
from scheduler.store.values import from_ms, now_ms
from scheduler.store.work import WorkRow, load_in_flight, load_units, mark_missed, mark_taken
from workers.leases import SILENT_S

log = get_logger("control")

SECOND_LOOK_MS = 5_000
CANCEL_GRACE_MS = 10_000
NEVER_MS = 10**12


@dataclass(frozen=True)
class Look:
    """One tick's view: Redis's clock, workers known to be dead, whether silence means anything yet, and since when
    Redis remembers everything, by our own clock."""

    now_ms: int
    dead_workers: frozenset[str]
    believes: bool
    since_ms: int = 0


@dataclass(frozen=True)
class Losses:
    """What was done for one run."""

    lost: int = 0
    unsent: int = 0


@dataclass
class _Verdicts:
    """What is to be done for one run: by number of test, and by unit."""

    taken: dict[int, int] = field(default_factory=dict)
    explained: set[int] = field(default_factory=set)
    missed: set[int] = field(default_factory=set)
    lost: dict[int, Finding] = field(default_factory=dict)


def look_after(farm: Farm, run_id: str, look: Look) -> Losses:
    """Examine everything of the run that is in flight; store what follows from it."""
    with farm.store.session() as session:
        rows = load_in_flight(session, run_id)
    if not rows:
        return Losses()
    verdicts = _judge(rows, _findings(farm, run_id, rows, look), look)
    with changing(farm.store, run_id) as change:
        losses, gone = _carry_out(change, rows, verdicts, look)
    forget_leases(farm.redis, run_id, {row.number: row.status.lease for row in gone})
    return losses


def _findings(farm: Farm, run_id: str, rows: Sequence[WorkRow], look: Look) -> dict[int, Finding]:
    """Why each unit waits."""
    sightings = see(farm.redis, run_id, rows)
    units: dict[int, list[Sighting]] = defaultdict(list)
    for row in rows:
        units[row.unit].append(sightings[row.number])
    queued = [row for row in rows if row.number == row.unit and not sightings[row.number].is_held]
    messages = _message_waits(farm, run_id, queued, sightings, look)
    silent_ms = int(SILENT_S * 1000) if look.believes else NEVER_MS
    return {
        unit: examine(
            members,
            message=messages.get(unit, Wait.UNEXPLAINED),
            now_ms=look.now_ms,
            silent_ms=silent_ms,
            dead_workers=look.dead_workers,
        )
        for unit, members in units.items()
    }


def _message_waits(
    farm: Farm, run_id: str, queued: Sequence[WorkRow], sightings: Mapping[int, Sighting], look: Look
) -> dict[int, Wait]:
    """Where the messages of these heads are, by unit; absent where no queue has them, or their lease is gone."""
    if not queued:
        return {}
    messages = find_messages(farm.redis, farm.settings.pool, {row.shard for row in queued})
    found: dict[int, Wait] = {}
    for row in queued:
        message = message_id(run_id, row.number, row.status.lease)
        if sightings[row.number].seen_lease != row.status.lease:
            continue
        if message in messages.waiting:
            found[row.unit] = Wait.QUEUED
        elif look.believes and message in messages.orphaned:
            found[row.unit] = Wait.ORPHANED
    return found


def _judge(rows: Sequence[WorkRow], findings: Mapping[int, Finding], look: Look) -> _Verdicts:
    verdicts = _Verdicts()
    for row in rows:
        finding = findings[row.unit]
        if finding.holder and finding.holder.number == row.number:
            verdicts.taken[row.number] = row.status.lease
        if finding.wait in (Wait.SILENT, Wait.ORPHANED):
            verdicts.lost[row.unit] = finding
        elif finding.wait is not Wait.UNEXPLAINED:
            verdicts.explained |= {row.number} if row.missed_ms is not None else set()
        elif row.missed_ms is None:
            verdicts.missed.add(row.number)
        elif look.believes and now_ms() - row.missed_ms >= SECOND_LOOK_MS:
            verdicts.lost[row.unit] = finding
    return verdicts


def _carry_out(
    change: Change, rows: Sequence[WorkRow], verdicts: _Verdicts, look: Look
) -> tuple[Losses, list[WorkRow]]:
    """Store the verdicts on what has not moved meanwhile; returns the tests whose leases are over."""
    session, run_id = change.session, change.run.id
    mark_taken(session, run_id, verdicts.taken)
    mark_missed(session, run_id, verdicts.missed, now_ms())
    mark_missed(session, run_id, verdicts.explained, None)
    seen = {row.number: row.status.lease for row in rows}
    gone: list[WorkRow] = []
    lost = unsent = 0
    for head, unit in load_units(session, run_id, verdicts.lost.keys()).items():
        open_rows = [row for row in unit.values() if row.status.state in IN_FLIGHT]
        if not open_rows or any(seen.get(row.number) != row.status.lease for row in open_rows):
            continue
        counted = _store_lost(session, run_id, open_rows, verdicts.lost[head])
        lose_unit(change, unit, _loss(verdicts.lost[head], open_rows, counted, look))
        lost, unsent = lost + counted, unsent + (not counted)
        gone += open_rows
    if _is_overdue(change.run):
        gone += _end_cancelled(change)
    return Losses(lost, unsent), gone


def _loss(finding: Finding, open_rows: Sequence[WorkRow], counted: bool, look: Look) -> Loss:
    """Nobody can say how far a worker came that is gone, or that a Redis has forgotten: its call may have been made."""
    holder = finding.holder
    if holder is not None:
        return Loss(counted, number=holder.number, worker=holder.worker, written=True)
    forgotten = (row.number for row in open_rows if (row.published_ms or 0) < look.since_ms)
    started = (row.number for row in open_rows if row.status.state is TestState.STARTED)
    called = next(started, None)
    if called is None and finding.wait is Wait.UNEXPLAINED:
        called = next(forgotten, None)
    return Loss(counted, number=called, written=called is not None)


def _store_lost(session: Session, run_id: str, open_rows: Sequence[WorkRow], finding: Finding) -> bool:
    """Store an attempt for each member that a worker had; tells whether there was one, or too many unsent leases."""
    holder = finding.holder
    had = [
        row for row in open_rows if row.status.state is TestState.STARTED or (holder and holder.number == row.number)
    ]
    if not had and open_rows[0].status.lease >= MAX_UNCOUNTED_LEASES:
        had = [open_rows[0]]
    attempts = [_lost_attempt(run_id, row, holder if holder and holder.number == row.number else None) for row in had]
    add_attempts(session, run_id, attempts)
    for row in had:
        log.warning("lease.lost", run_id=run_id, test_id=row.test_id, lease=row.status.lease)
    return bool(had)


def _lost_attempt(run_id: str, row: WorkRow, holder: Sighting | None) -> NewAttempt:
    since_ms = (holder.taken_ms if holder else None) or row.published_ms or now_ms()
    message = f"worker {holder.worker} fell silent" if holder else "the lease vanished from Redis"
    return lost_attempt(run_id, row, holder.worker if holder else "", from_ms(min(since_ms, now_ms())), message)


def _is_overdue(run: RunRow) -> bool:
    return run.cancelled_ms is not None and now_ms() - run.cancelled_ms >= CANCEL_GRACE_MS


def _end_cancelled(change: Change) -> list[WorkRow]:
    """Workers had their time to end what a cancelled run still has running."""
    rows = load_in_flight(change.session, change.run.id)
    outcome = TestOutcome(change.run.stop_outcome or TestOutcome.CANCELLED)
    end_by_force(change, rows, Stop(outcome, change.run.stop_reason))
    return rows
