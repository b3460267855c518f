"""One batch of records into the store, in one transaction: accepted, stale, or known already.

A record is accepted iff its lease is the test's current one and nothing is recorded for it yet. The order of records
does not matter, and merging the same ones again changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.models.attempt import AttemptRecord
from scheduler.control.apply import apply_records
from scheduler.control.notes import count_responses, note_health, seconds_by_project
from scheduler.control.stream import Entry
from scheduler.state.breaker import Terms
from scheduler.state.machine import Event, EventKind, allows
from scheduler.store.attempts import AttemptKey, NewAttempt, add_attempts, known_attempts
from scheduler.store.change import Change, changing
from scheduler.store.counters import RECORDS_DUPLICATE, RECORDS_POISON, RECORDS_STALE
from scheduler.store.database import Store
from scheduler.store.work import WorkRow, load_tests

TERMS = Terms()


@dataclass(frozen=True)
class Merged:
    """What became of a batch. `unusable` entries belong to no test of the run, or cannot be read.

    `stopped`: a failure ended the run or a suite, so that what waits is to be ended. `over`: leases, by number of the
    test, that workers still hold although their group starts again. `seconds`: how long each attempt took, by project.
    `left`: how many tests of the run have no outcome yet.
    """

    accepted: int = 0
    stale: int = 0
    known: int = 0
    unusable: tuple[Entry, ...] = ()
    stopped: bool = False
    over: Mapping[int, int] = field(default_factory=dict)
    seconds: Mapping[str, list[float]] = field(default_factory=dict)
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


def merge(store: Store, run_id: str, entries: Sequence[Entry], terms: Terms = TERMS) -> Merged:
    """Store a batch; its entries may then be acknowledged. Raises RunMissing or database errors, and stores nothing.

    `terms`: when a target counts as unreachable.
    """
    with changing(store, run_id) as change:
        rows = load_tests(change.session, run_id, {entry.record.number for entry in entries if entry.record})
        sorting = _sort(entries, rows, known_attempts(change.session, run_id, _in_doubt(entries, rows)))
        add_attempts(change.session, run_id, [*sorting.accepted, *sorting.stale])
        records = [attempt.record for attempt in sorting.accepted]
        count_responses(change, rows, records)
        note_health(change, rows, records, terms)
        applied = apply_records(change, rows, records)
        _count(change, sorting)
    return Merged(
        accepted=len(sorting.accepted),
        stale=len(sorting.stale),
        known=sorting.known,
        unusable=tuple(sorting.unusable),
        stopped=applied.stopped,
        over=applied.over,
        seconds=seconds_by_project(rows, records),
        left=change.run.left,
    )


def refuse(store: Store, run_id: str, entries: Sequence[Entry]) -> Merged:
    """Count entries that the database did not take. Raises RunMissing."""
    with changing(store, run_id) as change:
        _count(change, _Sorting(unusable=list(entries)))
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


def _count(change: Change, sorting: _Sorting) -> None:
    change.run.stale_records += len(sorting.stale)
    change.run.poison_records += len(sorting.unusable)
    change.counters.plain(RECORDS_STALE, len(sorting.stale))
    change.counters.plain(RECORDS_POISON, len(sorting.unusable))
    change.counters.plain(RECORDS_DUPLICATE, sorting.known)
