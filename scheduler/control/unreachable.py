"""Ends tests whose target has shown, and shown again, that its server cannot be started: naming the evidence."""

from sqlalchemy import select

from harness.log import get_logger
from harness.models.outcomes import CauseKind, TestOutcome
from scheduler.control.close import close_if_done
from scheduler.control.farm import Farm
from scheduler.control.stop import PART, Stop, end_waiting
from scheduler.state.breaker import Health, forget_after_ms, is_given_up
from scheduler.store.change import Change, changing
from scheduler.store.database import pool_lock
from scheduler.store.health import TargetKey, load_health, prune_health, target_key
from scheduler.store.tables import RUN_PLANS, RUNS
from scheduler.store.values import now_ms
from scheduler.store.work import load_waiting

log = get_logger("control")
_P, _R = RUN_PLANS.c, RUNS.c


def end_unreachable(farm: Farm) -> int:
    """End what waits for a target that is given up; tells how many tests.

    A run is given the whole time of its own: to one that began a moment ago nothing has been shown yet.
    """
    now = now_ms()
    with farm.store.session() as session:
        healths = load_health(session, now, farm.settings.breaker)
    if not healths:
        return 0
    _prune(farm, now)
    return sum(_end_plan(farm, run_id, plan, key) for run_id, plan, key in _plans(farm) if key in healths)


def _prune(farm: Farm, now: int) -> None:
    with farm.store.writing(pool_lock(farm.settings.pool)) as session:
        prune_health(session, now - 2 * forget_after_ms(farm.settings.breaker))


def _plans(farm: Farm) -> list[tuple[str, int, TargetKey]]:
    """Suites of the pool's running runs, each with its target."""
    pool = farm.settings.pool
    query = select(_P.run_id, _P.plan, _R.project, _P.server).join(RUNS, _R.id == _P.run_id)
    with farm.store.session() as session:
        rows = session.connection().execute(query.where(_R.state == "running", _R.pool == pool)).all()
    return [(run_id, plan, target_key(project, pool, server)) for run_id, plan, project, server in rows]


def _end_plan(farm: Farm, run_id: str, plan: int, key: TargetKey) -> int:
    ended = 0
    while part := _end_part(farm, run_id, plan, key):
        ended += part
    if ended:
        log.warning("target.given_up", run_id=run_id, plan=plan, tests=ended)
        close_if_done(farm, run_id)
    return ended


def _end_part(farm: Farm, run_id: str, plan: int, key: TargetKey) -> int:
    with changing(farm.store, run_id) as change:
        health = load_health(change.session, now_ms(), farm.settings.breaker).get(key)
        if health is None or not is_given_up(health, change.run.created_ms, farm.settings.breaker):
            return 0  # it may have answered meanwhile
        return _end_waiting(change, plan, health)


def _end_waiting(change: Change, plan: int, health: Health) -> int:
    failures = f"{health.failures} attempts in a row failed"
    reason = f"{CauseKind.SERVER_UNREACHABLE}: not tried, because {failures}; at last: {health.evidence}"
    rows = load_waiting(change.session, change.run.id, [plan], PART)
    end_waiting(change, rows, Stop(TestOutcome.ERROR, reason, CauseKind.SERVER_UNREACHABLE))
    return len(rows)
