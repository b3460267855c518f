"""Ends tests that no worker of the pool can run: none offers what their target requires. Part of every tick.

A pool may be without such a worker for as long as a target may be unreachable: workers start, and restart. Where no
worker lives at all, nothing is ended: `watch.py` says why the run does not go on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from harness.log import get_logger
from harness.models.outcomes import CauseKind, TestOutcome
from harness.safe_text import one_line
from harness.targets.abilities import Abilities, missing, parse_requirement
from scheduler.control.close import close_if_done
from scheduler.control.farm import Farm
from scheduler.control.stop import PART, Stop, end_waiting
from scheduler.control.workforce import live_abilities
from scheduler.store.change import changing
from scheduler.store.tables import FACTS, RUN_PLANS, RUNS, Fact
from scheduler.store.values import now_ms
from scheduler.store.work import load_waiting

log = get_logger("control")

MAX_REASON = 300
_P, _R = RUN_PLANS.c, RUNS.c


@dataclass(frozen=True)
class _Unserved:
    """A suite of a running run that no live worker can run now."""

    run_id: str
    plan: int
    reason: str

    def fact(self, pool: str) -> str:
        """Under what name it is remembered since when."""
        return f"{_prefix(pool)}{self.run_id} {self.plan}"


def end_unserved(farm: Farm) -> int:
    """End what has waited for such a worker for too long; tells how many tests."""
    plans = _plans_that_require(farm)
    offers = live_abilities(farm.redis, farm.settings.pool) if plans else {}
    unserved = [plan for plan in plans if not is_served(plan.requires, offers)] if offers else []
    found = [_Unserved(plan.run_id, plan.plan, reason_of(plan.requires, offers)) for plan in unserved]
    waited = _remember(farm, found)
    return sum(_end_plan(farm, one) for one in found if waited[one] >= farm.settings.breaker.recovery_s * 1000)


def is_served(requires: Sequence[str], offers: Mapping[str, Abilities]) -> bool:
    """Whether any of these workers offers all of it. Pure."""
    return any(not missing(requires, offered) for offered in offers.values())


def reason_of(requires: Sequence[str], offers: Mapping[str, Abilities]) -> str:
    """`no worker offers node>=22 (offered: node=20.1.0)`. Pure."""
    nowhere = [text for text in requires if all(missing([text], offered) for offered in offers.values())]
    names = {parse_requirement(text).name for text in nowhere}
    others = {
        f"{name}={offered[name]}" for offered in offers.values() for name in names if offered.get(name)
    }  # another version, another value
    wanted = ", ".join(nowhere) or f"{', '.join(requires)} together"
    shown = f" (offered: {', '.join(sorted(others))})" if others else ""
    return one_line(f"{CauseKind.NO_WORKER} offers {wanted}{shown}", MAX_REASON)


@dataclass(frozen=True)
class _Plan:
    run_id: str
    plan: int
    requires: tuple[str, ...]


def _plans_that_require(farm: Farm) -> list[_Plan]:
    """Suites of the pool's running runs that want more than any worker offers."""
    query = select(_P.run_id, _P.plan, _P.requires).join(RUNS, _R.id == _P.run_id)
    with farm.store.session() as session:
        rows = session.connection().execute(query.where(_R.state == "running", _R.pool == farm.settings.pool)).all()
    return [_Plan(run_id, plan, tuple(requires)) for run_id, plan, requires in rows if requires]


def _remember(farm: Farm, found: Sequence[_Unserved]) -> dict[_Unserved, int]:
    """For how long each of them has been without a worker, in ms; what is served again is forgotten."""
    pool, now = farm.settings.pool, now_ms()
    with farm.store.session() as session:
        rows = session.connection().execute(select(FACTS.c.name, FACTS.c.since_ms)).all()
    known = {name: since_ms for name, since_ms in rows if name.startswith(_prefix(pool))}
    wanted = {one.fact(pool): one for one in found}
    if known.keys() != wanted.keys():
        with farm.store.writing(f"recovery:{pool}") as session:
            session.connection().execute(delete(FACTS).where(FACTS.c.name.in_(known.keys() - wanted.keys())))
            for name in wanted.keys() - known.keys():
                session.merge(Fact(name=name, value=wanted[name].reason, since_ms=now))
    return {one: now - known.get(name, now) for name, one in wanted.items()}


def _prefix(pool: str) -> str:
    return f"unserved {pool} "


def _end_plan(farm: Farm, unserved: _Unserved) -> int:
    ended = 0
    while part := _end_part(farm, unserved):
        ended += part
    if ended:
        log.warning("target.unserved", run_id=unserved.run_id, plan=unserved.plan, tests=ended, reason=unserved.reason)
        close_if_done(farm, unserved.run_id)
    return ended


def _end_part(farm: Farm, unserved: _Unserved) -> int:
    with changing(farm.store, unserved.run_id) as change:
        rows = load_waiting(change.session, unserved.run_id, [unserved.plan], PART)
        end_waiting(change, rows, Stop(TestOutcome.ERROR, unserved.reason, CauseKind.NO_WORKER))
        return len(rows)
