"""Which blobs the attempts of a run left behind: its evidence and its new snapshots, and how much that is.

Blobs are named by their content: other runs may have left the same, so what one has left is not its alone.
"""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlmodel import Session

from harness.models.attempt import AttemptRecord
from scheduler.store.database import insert_into
from scheduler.store.tables import ATTEMPTS, RUN_BLOBS

SMALLEST_BYTES = 4096
"""What a blob costs at least: a directory keeps it in a block of this size."""


def note_blob(session: Session, run_id: str, digest: str, size_bytes: int) -> None:
    """Remember that the run has left this blob; again is harmless."""
    row = {"run_id": run_id, "digest": digest, "size_bytes": max(size_bytes, SMALLEST_BYTES)}
    session.connection().execute(insert_into(session, RUN_BLOBS).on_conflict_do_nothing(), row)


def has_blob(session: Session, run_id: str, digest: str) -> bool:
    """Whether it is known already that the run has left this blob."""
    column = RUN_BLOBS.c
    query = select(column.digest).where(column.run_id == run_id, column.digest == digest)
    return session.connection().execute(query).first() is not None


def blob_bytes(session: Session, run_id: str) -> int:
    """How much all the noted blobs of a run are."""
    column = RUN_BLOBS.c
    query = select(func.coalesce(func.sum(column.size_bytes), 0)).where(column.run_id == run_id)
    return int(session.connection().execute(query).scalar_one())


def blobs_of(session: Session, run_id: str) -> frozenset[str]:
    """All that a run has left: what was noted, and what its records name (an embedded farm notes nothing)."""
    noted = session.connection().execute(select(RUN_BLOBS.c.digest).where(RUN_BLOBS.c.run_id == run_id)).scalars()
    records = session.connection().execute(select(ATTEMPTS.c.details).where(ATTEMPTS.c.run_id == run_id)).scalars()
    return frozenset(noted) | {digest for record in records for digest in _named_in(record)}


def _named_in(record: object) -> Iterable[str]:
    read = AttemptRecord.model_validate(record)
    return [digest for digest in (read.evidence, *(artefact.digest for artefact in read.artefacts)) if digest]
