"""Owns the keys of the API: makes them, knows them again, ends them. A key's text exists outside its owner only once.

A key is `mcpf_<id>_<secret>`, the secret 256 random bits; the store keeps its sha256, which is enough for what nobody
can guess. The id is looked up, the hash is compared in constant time.
"""

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass

from sqlmodel import Session, select

from scheduler.store.database import Store
from scheduler.store.owners import ALL_PROJECTS
from scheduler.store.tables import ApiKey

PREFIX = "mcpf"
SHAPE = re.compile(rf"{PREFIX}_([0-9a-f]{{12}})_[A-Za-z0-9_-]{{1,100}}")


@dataclass(frozen=True)
class Caller:
    """Who holds a key: `project` is the one whose runs it may see and start, or `*`."""

    key_id: str
    project: str

    def may_use(self, project: str) -> bool:
        """Whether the key reaches that project."""
        return self.project in (project, ALL_PROJECTS)


def first_key(store: Store) -> str | None:
    """The text of a new key for everything where the store has no key yet, else None."""
    with store.writing("keys") as session:
        if session.exec(select(ApiKey.id).limit(1)).first() is not None:
            return None
        return _add(session, "admin", ALL_PROJECTS)


def create_key(store: Store, name: str, project: str) -> str:
    """The text of a new key for `project` (`*`: for all). It cannot be shown again."""
    with store.writing("keys") as session:
        return _add(session, name, project)


def revoke_key(store: Store, key_id: str) -> bool:
    """End a key for good. False when there is none with this id that is still good."""
    with store.writing("keys") as session:
        row = session.get(ApiKey, key_id)
        if row is None or row.revoked_ms is not None:
            return False
        row.revoked_ms = _now_ms()
        session.add(row)
        session.flush()
        return True


def check_key(store: Store, text: str) -> Caller | None:
    """Who holds this key; None for what is no key, or no longer."""
    shaped = SHAPE.fullmatch(text)
    if shaped is None:
        return None
    with store.session() as session:
        row = session.get(ApiKey, shaped[1])
    if row is None or not hmac.compare_digest(row.key_hash, _hash(text)) or row.revoked_ms is not None:
        return None
    return Caller(row.id, row.project)


def _add(session: Session, name: str, project: str) -> str:
    key_id = secrets.token_hex(6)
    text = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"
    session.add(ApiKey(id=key_id, project=project, name=name, key_hash=_hash(text), created_ms=_now_ms()))
    session.flush()
    return text


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
