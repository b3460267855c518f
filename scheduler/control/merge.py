"""One batch of records into the store, in one transaction: accepted, stale, or known already.

A record is accepted iff its lease is the test's current one and nothing is recorded for it yet. The order of records
does not matter, and merging the same ones again changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.models.attempt import AttemptRecord
from harness.models.outcomes import BAD, AttemptOutcome
from scheduler.control.lose import lose_unit
from scheduler.control.stop import stop_of, stop_plan, stop_run
from scheduler.control.stream import Entry
from scheduler.state.fold import fold
from scheduler.state.machine import Event, EventKind, allows, conclude
from scheduler.store.attempts import AttemptKey, NewAttempt, add_attempts, known_attempts
from scheduler.store.change import Change, changing
from scheduler.store.counters import RECORDS_POISON, RECORDS_STALE
from scheduler.store.database import Store
from scheduler.store.settle import Ending, settle
from scheduler.store.values import now_ms
from scheduler.store.work import WorkRow, load_tests, load_units


@dataclass(frozen=True)
class Merged:
    """What became of a batch. `unusable` entries belong to no test of the run, or cannot be read.

    `stopped`: a failure ended the run or a suite, so that waiting messages are to be withdrawn. `left`: how many
    tests of the run have no outcome yet.
    """

    accepted: int = 0
    stale: int = 0
    known: int = 0
    unusable: tuple[Entry, ...] = ()
    stopped: bool = False
    left: int = 0

    @property
    def stored(self) -> int:
        """Records that are in the store now and were not before."""
        return self.accepted + self.stale


@dataclass
class _Sorting:
    """Records of a batch by what becomes of them."""

    accepted: list[NewAttempt] = field(default_factory=list)
    stale: list[NewAttempt] = field(default_factory=list)
    unusable: list[Entry] = field(default_factory=list)
    known: int = 0


def merge(store: Store, run_id: str, entries: Sequence[Entry]) -> Merged:
    """Store a batch; its entries may then be acknowledged. Raises RunMissing or database errors, and stores nothing."""
    with changing(store, run_id) as change:
        rows = load_tests(change.session, run_id, {entry.record.number for entry in entries if entry.record})
        sorting = _sort(entries, rows, known_attempts(change.session, run_id, _in_doubt(entries, rows)))
        add_attempts(change.session, run_id, [*sorting.accepted, *sorting.stale])
        stopped = _apply(change, rows, [attempt.record for attempt in sorting.accepted])
        _count(change, stale=len(sorting.stale), poison=len(sorting.unusable))
    return Merged(
        accepted=len(sorting.accepted),
        stale=len(sorting.stale),
        known=sorting.known,
        unusable=tuple(sorting.unusable),
        stopped=stopped,
        left=change.run.left,
    )


def refuse(store: Store, run_id: str, entries: Sequence[Entry]) -> Merged:
    """Count entries that the database did not take. Raises RunMissing."""
    with changing(store, run_id) as change:
        _count(change, stale=0, poison=len(entries))
    return Merged(unusable=tuple(entries), left=change.run.left)


def _in_doubt(entries: Iterable[Entry], rows: Mapping[int, WorkRow]) -> set[int]:
    """Tests of which a record came that would not be accepted: it may be one that was merged before."""
    return {
        record.number
        for record in (entry.record for entry in entries)
        if record and record.number in rows and not _is_current(rows[record.number], record)
    }


def _is_current(row: WorkRow, record: AttemptRecord) -> bool:
    return allows(row.status, Event(EventKind.RECORDED, record.lease), 0)


def _sort(entries: Iterable[Entry], rows: Mapping[int, WorkRow], known: set[AttemptKey]) -> _Sorting:
    sorting = _Sorting()
    recorded: set[int] = set()
    for entry in entries:
        if entry.record is None or entry.record.number not in rows:
            sorting.unusable.append(entry)
            continue
        attempt = NewAttempt(entry.record, entry.text)
        if attempt.key in known:
            sorting.known += 1
        elif _is_current(rows[entry.record.number], entry.record) and entry.record.number not in recorded:
            recorded.add(entry.record.number)
            sorting.accepted.append(attempt)
        else:
            sorting.stale.append(replace(attempt, stale=True))
        known.add(attempt.key)
    return sorting


def _apply(change: Change, rows: Mapping[int, WorkRow], records: Sequence[AttemptRecord]) -> bool:
    """Give the tests of these records their outcomes, or their next lease; tells whether a failure stops anything."""
    lost = {record.number for record in records if _is_lost(change, rows[record.number], record)}
    endings = [_ending(rows[record.number], record) for record in records if record.number not in lost]
    settle(change, endings)
    _count_responses(change, rows, records)
    stopped = _stop_if_failed(change, endings)
    for unit in load_units(change.session, change.run.id, {rows[number].unit for number in lost}).values():
        lose_unit(change, unit, counted=True)
    return stopped


def _is_lost(change: Change, row: WorkRow, record: AttemptRecord) -> bool:
    """Whether the attempt says nothing about the test: its worker could not, or ended it although nobody asked to."""
    if record.outcome is AttemptOutcome.LOST:
        return True
    return record.outcome is AttemptOutcome.ABORTED and stop_of(change.session, change.run, row.plan) is None


def _ending(row: WorkRow, record: AttemptRecord) -> Ending:
    found = fold((record,))
    status = conclude(row.status, record.lease, now_ms())
    return Ending(row, status, found.outcome, found.cause, found.reason, found.duration_s)


def _count_responses(change: Change, rows: Mapping[int, WorkRow], records: Iterable[AttemptRecord]) -> None:
    for record in records:
        if record.timing.call_s is not None:
            row = rows[record.number]
            change.counters.response(row.suite, row.target, max(0.0, record.timing.call_s))


def _stop_if_failed(change: Change, endings: Sequence[Ending]) -> bool:
    failed = [ending for ending in endings if ending.outcome in BAD]
    if failed and change.run.fail_fast:
        return stop_run(change, f"stopped after the first failure: {failed[0].row.test_id}")
    first = {ending.row.plan: ending.row.test_id for ending in reversed(failed)}
    stops = [
        stop_plan(change, plan, f"its suite stops at the first failure: {test_id}") for plan, test_id in first.items()
    ]
    return any(stops)


def _count(change: Change, *, stale: int, poison: int) -> None:
    change.run.stale_records += stale
    change.run.poison_records += poison
    change.counters.plain(RECORDS_STALE, stale)
    change.counters.plain(RECORDS_POISON, poison)
