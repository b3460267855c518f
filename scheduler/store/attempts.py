"""The table of attempts: rows are added under the rule that the same record comes once."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlmodel import Session

from harness.models.attempt import AttemptRecord
from scheduler.store.database import JsonText, insert_into
from scheduler.store.tables import ATTEMPTS
from scheduler.store.values import storable, storable_json, to_ms
from scheduler.store.work import CHUNK

_A = ATTEMPTS.c

AttemptKey = tuple[int, int, str]
"""Number, lease and digest: what names a record within its run."""


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """A record and its text, as it came."""

    record: AttemptRecord
    text: str
    stale: bool = False

    @property
    def key(self) -> AttemptKey:
        """What makes it the same record when it comes twice."""
        return self.record.number, self.record.lease, digest_of(self.text)


def digest_of(text: str) -> str:
    """What tells two records of one lease apart."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def known_attempts(session: Session, run_id: str, numbers: Collection[int]) -> set[AttemptKey]:
    """Which records of these tests are stored already."""
    found: set[AttemptKey] = set()
    ordered = sorted(numbers)
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        query = select(_A.number, _A.lease, _A.digest).where(_A.run_id == run_id, _A.number.in_(chunk))
        found |= {(number, lease, digest) for number, lease, digest in session.connection().execute(query)}
    return found


def add_attempts(session: Session, run_id: str, attempts: Sequence[NewAttempt]) -> None:
    """Store records. One that is there already is left as it is."""
    rows = [_columns(run_id, attempt) for attempt in attempts]
    if rows:
        session.connection().execute(insert_into(session, ATTEMPTS).on_conflict_do_nothing(), rows)


def accepted_records(session: Session, run_id: str, numbers: Collection[int]) -> dict[int, list[AttemptRecord]]:
    """What counts of these tests' records: not stale, not superseded; by number, oldest first."""
    found: dict[int, list[AttemptRecord]] = defaultdict(list)
    ordered = sorted(numbers)
    for start in range(0, len(ordered), CHUNK):
        query = (
            select(_A.number, _A.details)
            .where(_A.run_id == run_id, _A.number.in_(ordered[start : start + CHUNK]))
            .where(_A.stale.is_(False), _A.superseded.is_(False))
            .order_by(_A.number, _A.lease)
        )
        for number, details in session.connection().execute(query):
            found[number].append(AttemptRecord.model_validate(details))
    return dict(found)


def supersede_attempts(session: Session, run_id: str, leases: Collection[tuple[int, int]]) -> None:
    """Mark what these tests (number, lease) recorded: their group starts again."""
    for number, lease in sorted(leases):
        statement = (
            update(ATTEMPTS)
            .where(_A.run_id == run_id, _A.number == number, _A.lease == lease, _A.stale.is_(False))
            .values(superseded=True)
        )
        session.connection().execute(statement)


def _columns(run_id: str, attempt: NewAttempt) -> dict[str, object]:
    record = attempt.record
    return {
        "run_id": run_id,
        "number": record.number,
        "lease": record.lease,
        "digest": digest_of(attempt.text),
        "outcome": record.outcome.value if record.outcome else None,
        "worker": storable(record.worker),
        "started_ms": to_ms(record.started_at),
        "ended_ms": to_ms(record.ended_at),
        "stale": attempt.stale,
        "superseded": False,
        "details": JsonText(storable_json(attempt.text)),
    }
