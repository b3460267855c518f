"""Which tests of a run workers have now, and for how long: leases in Redis, names in the store. Reads only."""

from typing import Any

import redis
from sqlalchemy import select, text
from sqlmodel import Session

from harness.models.run import RunningTest, RunningTests
from scheduler.control.workforce import server_ms
from scheduler.store.tables import IN_FLIGHT, TESTS
from workers.leases import lease_key

MAX_LOOKED_AT, MAX_TOLD = 2_000, 50

_T = TESTS.c
_FLYING = text(f"tests.{IN_FLIGHT}")


def running_tests(client: redis.Redis, session: Session, run_id: str) -> RunningTests:
    """What workers have of the run. Raises redis errors."""
    query = select(_T.number, _T.test_id, _T.lease).where(_T.run_id == run_id, _FLYING).limit(MAX_LOOKED_AT)
    flying = session.connection().execute(query).all()
    if not flying:
        return RunningTests()
    with client.pipeline(transaction=False) as pipe:
        for row in flying:
            pipe.hmget(lease_key(run_id, row.number), "lease", "worker", "taken_ms")
        leases: list[Any] = pipe.execute()
    now_ms = server_ms(client)
    found = [
        RunningTest(number=row.number, test_id=row.test_id, worker=worker, for_s=_since_s(taken_ms, now_ms))
        for row, (lease, worker, taken_ms) in zip(flying, leases, strict=True)
        if worker and lease == str(row.lease)
    ]
    longest = sorted(found, key=lambda test: (-(test.for_s or 0.0), test.number))
    return RunningTests(total=len(found), tests=tuple(longest[:MAX_TOLD]))


def _since_s(taken_ms: str | None, now_ms: int) -> float | None:
    """Seconds; None of a member of a group that was handed on, which has no time of its own."""
    return max(0.0, (now_ms - int(taken_ms)) / 1000) if taken_ms else None
