"""Brings back what was lost: silent leases, lost messages, half-finished steps. Idempotent; a tick every 5 s.

Order of a tick: merge what is recorded, look at what is still in flight, publish what became ready, close what is done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.exc import OperationalError

from harness.log import get_logger
from harness.models.outcomes import TestOutcome
from harness.models.run import RunState
from scheduler.control.aggregate import aggregate
from scheduler.control.cancel import cancel, carry_out_cancel
from scheduler.control.close import close_if_done
from scheduler.control.dispatch import dispatch, release_due
from scheduler.control.epoch import belief
from scheduler.control.farm import Farm
from scheduler.control.inflight import Look, Losses, look_after
from scheduler.control.stop import carry_out, has_stopped
from scheduler.control.unreachable import end_unreachable
from scheduler.control.unserved import end_unserved
from scheduler.control.watch import note_workforce
from scheduler.control.workforce import server_ms, sweep_workers
from scheduler.store.change import RunRow, load_run
from scheduler.store.queries import open_runs
from scheduler.store.values import now_ms
from workers.leases import BEATS, LEASE_LIFE_S, records_key

log = get_logger("control")

MERGE_S = 0.3
RECLAIM_IDLE_MS = 4_000
"""Below the time after which a lease without an explanation is published again."""

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Recovered:
    """What one tick did."""

    lost: int = 0
    republished: int = 0
    stored: int = 0
    published: int = 0
    closed: int = 0


def recover(farm: Farm, *, dead_workers: frozenset[str] = frozenset()) -> Recovered:
    """Look once at every open run. Leases held by `dead_workers` are lost at once.

    What goes wrong with one run, or in one step, does not keep the others waiting: it is logged, and tried again with
    the next tick.
    """
    trust = belief(farm)
    look = Look(server_ms(farm.redis), dead_workers, trust.holds, trust.since_ms)
    runs = _open_runs(farm)
    stored = sum(_sure(0, _merge, farm, run_id) for run_id in _runs_with_records(farm))
    losses = [_sure(Losses(), _look_after, farm, run_id, look) for run_id in _open_runs(farm)]
    _sure(0, end_unreachable, farm)
    _sure(0, end_unserved, farm)
    _sure(0, release_due, farm)
    _sure(None, note_workforce, farm)
    published = _sure(0, dispatch, farm)
    for run_id in _open_runs(farm):
        _sure(False, close_if_done, farm, run_id)
    _sweep(farm, look.now_ms)
    return Recovered(
        lost=sum(loss.lost for loss in losses),
        republished=sum(loss.unsent for loss in losses),
        stored=stored,
        published=published,
        closed=len(set(runs) - set(_open_runs(farm))),
    )


def _sure(otherwise: _Result, step: Callable[..., _Result], *arguments: Any) -> _Result:
    """Take a step; what it raises is logged, unless the database or Redis is away, which ends the tick."""
    try:
        return step(*arguments)
    except (RedisConnectionError, RedisTimeoutError, OperationalError):
        raise
    except Exception:  # the edge of a run within a tick
        log.exception("recovery.step_failed", step=getattr(step, "__name__", ""), about=str(arguments[1:2]))
        return otherwise


def _merge(farm: Farm, run_id: str) -> int:
    """What the run's workers recorded, a moment of it: a reader that died is not waited for longer than a lease is."""
    return aggregate(farm, run_id, budget_s=MERGE_S, reclaim_idle_ms=RECLAIM_IDLE_MS)


def _open_runs(farm: Farm) -> Sequence[str]:
    with farm.store.session() as session:
        return open_runs(session, farm.settings.pool)


def _runs_with_records(farm: Farm) -> list[str]:
    """Runs that have a stream, closed ones that got a late record included."""
    prefix = records_key("")
    keys = farm.redis.scan_iter(match=f"{prefix}*", count=1000)
    return sorted(str(key).removeprefix(prefix) for key in keys)


def _look_after(farm: Farm, run_id: str, look: Look) -> Losses:
    with farm.store.session() as session:
        run = load_run(session, run_id)
        cancelled, stopped = run.state == RunState.CANCELLING, has_stopped(session, run)
    if cancelled:
        carry_out_cancel(farm, run_id)
    elif run.deadline_ms is not None and now_ms() >= run.deadline_ms:
        _expire(farm, run)
    elif stopped:
        carry_out(farm, run_id)
    return look_after(farm, run_id, look)


def _expire(farm: Farm, run: RunRow) -> None:
    """The run's deadline is over: what has no outcome yet ends without one."""
    allowed_s = ((run.deadline_ms or 0) - run.created_ms) / 1000
    why = f": {run.notice}" if run.notice else ""
    reason = f"the run's deadline of {allowed_s:g} s passed with {run.left} of {run.total} tests missing{why}"
    log.warning("run.expired", run_id=run.id, missing=run.left, total=run.total)
    cancel(farm, run.id, reason, TestOutcome.NOT_RUN)


def _sweep(farm: Farm, now_ms: int) -> None:
    """Forget dead workers, and heartbeats of leases that nobody can hold any more."""
    sweep_workers(farm.redis, farm.settings.pool, now_ms)
    farm.redis.zremrangebyscore(BEATS, "-inf", now_ms - LEASE_LIFE_S * 1000)
