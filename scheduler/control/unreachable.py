"""Ends tests whose target has shown, and shown again, that its server cannot be started: naming the evidence."""

from collections.abc import Mapping

from sqlalchemy import select

from harness.log import get_logger
from harness.models.outcomes import CauseKind, TestOutcome
from scheduler.control.close import close_if_done
from scheduler.control.farm import Farm
from scheduler.control.stop import PART, Stop, end_waiting
from scheduler.state.breaker import Health, is_given_up
from scheduler.store.change import changing
from scheduler.store.health import TargetKey, load_health
from scheduler.store.tables import RUN_PLANS, RUNS
from scheduler.store.work import load_waiting

log = get_logger("control")
_P, _R = RUN_PLANS.c, RUNS.c


def end_unreachable(farm: Farm) -> int:
    """End what waits for a target that is given up; tells how many tests.

    Only in runs that began before the latest failure: to a newer one nothing has been shown yet.
    """
    with farm.store.session() as session:
        healths = load_health(session)
    given_up = {key: health for key, health in healths.items() if is_given_up(health, farm.settings.breaker)}
    return sum(_end_plan(farm, run_id, plan, health) for run_id, plan, health in _plans(farm, given_up))


def _plans(farm: Farm, given_up: Mapping[TargetKey, Health]) -> list[tuple[str, int, Health]]:
    found = []
    for (project, target), health in given_up.items():
        query = (
            select(_P.run_id, _P.plan)
            .join(RUNS, _R.id == _P.run_id)
            .where(_R.project == project, _P.target == target, _R.pool == farm.settings.pool)
            .where(_R.state == "running", _R.created_ms <= health.failed_ms)
        )
        with farm.store.session() as session:
            found += [(run_id, plan, health) for run_id, plan in session.connection().execute(query)]
    return found


def _end_plan(farm: Farm, run_id: str, plan: int, health: Health) -> int:
    ended = 0
    while part := _end_part(farm, run_id, plan, health):
        ended += part
    if ended:
        log.warning("target.given_up", run_id=run_id, plan=plan, tests=ended, evidence=health.evidence)
        close_if_done(farm, run_id)
    return ended


def _end_part(farm: Farm, run_id: str, plan: int, health: Health) -> int:
    failures = f"{health.failures} attempts in a row failed"
    reason = f"{CauseKind.SERVER_UNREACHABLE}: not tried, because {failures}; at last: {health.evidence}"
    stop = Stop(TestOutcome.ERROR, reason, CauseKind.SERVER_UNREACHABLE)
    with changing(farm.store, run_id) as change:
        rows = load_waiting(change.session, run_id, [plan], PART)
        end_waiting(change, rows, stop)
    return len(rows)
