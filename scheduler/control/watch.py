"""Says of a run why it does not go on: its pool has no worker. Part of every tick of recovery."""

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlmodel import Session

from harness.log import get_logger
from scheduler.control.farm import Farm
from scheduler.control.workforce import live_slots
from scheduler.store.change import changing
from scheduler.store.queries import open_runs
from scheduler.store.tables import FACTS, RUNS, Fact
from scheduler.store.values import now_ms

log = get_logger("control")

PATIENCE_MS = 15_000
"""A pool may be without workers for this long before its runs say so: workers start, and restart."""


def note_workforce(farm: Farm) -> None:
    """Write a notice into the pool's open runs when no worker has been alive for a while; take it away again."""
    notice = _notice(farm)
    with farm.store.session() as session:
        runs = [run_id for run_id in open_runs(session, farm.settings.pool) if _notice_of(session, run_id) != notice]
    for run_id in runs:
        with changing(farm.store, run_id) as change:
            change.run.notice = notice
        if notice:
            log.warning("run.waits", run_id=run_id, notice=notice)


def _notice(farm: Farm) -> str:
    """Empty while a worker lives, or has lived a moment ago."""
    pool, now = farm.settings.pool, now_ms()
    name = f"no workers in {pool}"
    alone = live_slots(farm.redis, pool) == 0
    with farm.store.session() as session:
        fact = session.get(Fact, name)
    if alone and fact is None:
        with farm.store.writing(f"recovery:{pool}") as session:
            session.merge(Fact(name=name, value="", since_ms=now))
    if not alone and fact is not None:
        with farm.store.writing(f"recovery:{pool}") as session:
            session.connection().execute(delete(FACTS).where(FACTS.c.name == name))
    if not alone or fact is None or now - fact.since_ms < PATIENCE_MS:
        return ""
    since = datetime.fromtimestamp(fact.since_ms / 1000, UTC).strftime("%H:%M:%S")
    return f"no worker of pool '{pool}' has been alive since {since} UTC; start one, or see why they end"


def _notice_of(session: Session, run_id: str) -> str:
    return str(session.connection().execute(select(RUNS.c.notice).where(RUNS.c.id == run_id)).scalar_one())
