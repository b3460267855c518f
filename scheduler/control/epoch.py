"""Whether Redis can be believed yet: not in the first moments of a new life, nor when nobody looked for a while.

  farm:epoch  string, random, written by whoever finds it missing: it marks one life of a Redis
The database remembers the last one seen, and when recovery looked last.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlmodel import Session

from scheduler.control.farm import Farm
from scheduler.control.full_redis import tolerating_full_redis
from scheduler.store.tables import FACTS, Fact
from scheduler.store.values import now_ms
from workers.leases import EPOCH, HEARTBEAT_S

MAX_GAP_MS = 15_000
"""After a longer gap between two ticks Redis or control was away, and heartbeats may be old for that reason alone."""

FORGET_MS = 7 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Belief:
    """Since when (by our clock) this Redis has been there and looked at, and whether that is long enough for workers to
    have announced themselves."""

    since_ms: int
    holds: bool


def belief(farm: Farm) -> Belief:
    """How far Redis can be believed. Once per tick."""
    with tolerating_full_redis():
        farm.redis.set(EPOCH, secrets.token_hex(8), nx=True)
    epoch = str(farm.redis.get(EPOCH) or "")
    lived, looked = f"redis epoch of {farm.settings.pool}", f"last recovery of {farm.settings.pool}"
    now = now_ms()
    with farm.store.writing(f"recovery:{farm.settings.pool}") as session:
        known, last_look = session.get(Fact, lived), session.get(Fact, looked)
        if last_look is None:
            _forget_old(session, now)
        was_away = last_look is None or now - last_look.since_ms > MAX_GAP_MS
        if known is None or known.value != epoch or was_away:
            known = session.merge(Fact(name=lived, value=epoch, since_ms=now))
        session.merge(Fact(name=looked, value=lived, since_ms=now))
        return Belief(known.since_ms, now - known.since_ms >= HEARTBEAT_S * 1000)


def _forget_old(session: Session, now: int) -> None:
    """Every embedded run has a pool of its own: drop what pools left behind that nobody looks at any more."""
    old = select(FACTS.c.name, FACTS.c.value).where(
        FACTS.c.name.startswith("last recovery of "), FACTS.c.since_ms < now - FORGET_MS
    )
    names = [name for row in session.connection().execute(old) for name in row]
    session.connection().execute(delete(FACTS).where(FACTS.c.name.in_(names)))
