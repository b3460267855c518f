"""Lets time pass for a farm by moving what is stored into the past: no test waits for it."""

from sqlalchemy import or_, update

from scheduler.control.epoch import belief
from scheduler.control.farm import Farm
from scheduler.store.tables import FACTS, RUNS, TARGET_HEALTH, TESTS
from workers.leases import BEATS, WORKERS


def pass_time(farm: Farm, seconds: float) -> None:
    """As if everything had happened `seconds` earlier. Ticks of recovery go on as before: none was missed."""
    back_ms = int(seconds * 1000)
    moved = [
        TESTS.c.published_ms,
        TESTS.c.missed_ms,
        TESTS.c.not_before_ms,
        RUNS.c.cancelled_ms,
        RUNS.c.deadline_ms,
        RUNS.c.created_ms,
        TARGET_HEALTH.c.opened_ms,
        TARGET_HEALTH.c.failed_ms,
        TARGET_HEALTH.c.probed_ms,
    ]
    with farm.store.writing() as session:
        for column in moved:
            session.connection().execute(update(column.table).values({column.name: column - back_ms}))
        lived = or_(*(FACTS.c.name.startswith(name) for name in ("redis epoch of ", "no workers in ", "unserved ")))
        session.connection().execute(update(FACTS).where(lived).values(since_ms=FACTS.c.since_ms - back_ms))
    for key in (BEATS, WORKERS):
        for member, score in farm.redis.zrange(key, 0, -1, withscores=True):
            farm.redis.zadd(key, {member: score - back_ms})


def believe(farm: Farm) -> None:
    """As if recovery had looked at this Redis for a while."""
    belief(farm)
    pass_time(farm, 6)
