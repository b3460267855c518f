"""Which project holds which blob: who sent a blob has shown that it knows the content, and may read it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlmodel import Session

from scheduler.store.database import insert_into
from scheduler.store.tables import BLOB_OWNERS

ALL_PROJECTS = "*"
_ASKED_AT_ONCE = 500


def note_owner(session: Session, project: str, digest: str) -> None:
    """Remember that `project` sent the blob; again is harmless."""
    row = {"project": project, "digest": digest}
    session.connection().execute(insert_into(session, BLOB_OWNERS).on_conflict_do_nothing(), row)


def held_by(session: Session, project: str, digests: Sequence[str]) -> frozenset[str]:
    """Those of `digests` that `project` may read: what it sent itself. `*` may read all."""
    if project == ALL_PROJECTS:
        return frozenset(digests)
    return frozenset(found for part in _parts(digests) for found in _held(session, project, part))


def _parts(digests: Sequence[str]) -> Iterable[Sequence[str]]:
    return (digests[start : start + _ASKED_AT_ONCE] for start in range(0, len(digests), _ASKED_AT_ONCE))


def _held(session: Session, project: str, digests: Sequence[str]) -> Iterable[str]:
    column = BLOB_OWNERS.c
    query = select(column.digest).where(column.project == project, column.digest.in_(digests))
    return session.connection().execute(query).scalars()
