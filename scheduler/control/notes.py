"""What a batch of accepted records tells beside its verdicts: how targets are, how long calls and tests took."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import select

from harness.models.attempt import AttemptRecord
from harness.models.outcomes import FAILED_STARTS
from harness.safe_text import one_line
from scheduler.state.breaker import Terms, after_failure
from scheduler.store.change import Change
from scheduler.store.health import TargetKey, forget_health, load_health, save_health, target_key
from scheduler.store.tables import RUN_PLANS
from scheduler.store.values import now_ms
from scheduler.store.work import WorkRow

MAX_EVIDENCE = 300
MAX_TEST_S = 2 * 3600.0


def count_responses(change: Change, rows: Mapping[int, WorkRow], records: Iterable[AttemptRecord]) -> None:
    """Add the times of answered calls to the counters."""
    for record in records:
        if record.timing.call_s is not None:
            row = rows[record.number]
            change.counters.response(row.suite, row.target, _plausible_s(record.timing.call_s))


def note_health(change: Change, rows: Mapping[int, WorkRow], records: Sequence[AttemptRecord], terms: Terms) -> None:
    """Remember targets whose server could not be started; forget what was held against those that answered."""
    failed: dict[TargetKey, list[AttemptRecord]] = defaultdict(list)
    well: set[TargetKey] = set()
    servers = _servers(change, {rows[record.number].plan for record in records})
    for record in records:
        row = rows[record.number]
        key = target_key(row.project, change.run.pool, servers[row.plan])
        if record.cause is not None and record.cause.kind in FAILED_STARTS:
            failed[key].append(record)
        elif record.session is not None:
            well.add(key)
            failed.pop(key, None)
    forget_health(change.session, well)
    if failed:
        _note_failures(change, failed, terms)


def seconds_by_project(rows: Mapping[int, WorkRow], records: Iterable[AttemptRecord]) -> dict[str, list[float]]:
    """How long the attempts of each project took."""
    seconds: dict[str, list[float]] = defaultdict(list)
    for record in records:
        seconds[rows[record.number].project].append(_plausible_s(record.timing.total_s))
    return dict(seconds)


def _plausible_s(told: float) -> float:
    """What a worker says of a time, within what any test may take: nothing else limits it."""
    return min(max(0.0, told), MAX_TEST_S)


def _servers(change: Change, plans: Collection[int]) -> dict[int, str]:
    query = select(RUN_PLANS.c.plan, RUN_PLANS.c.server).where(
        RUN_PLANS.c.run_id == change.run.id, RUN_PLANS.c.plan.in_(sorted(plans))
    )
    return {row.plan: row.server for row in change.session.connection().execute(query)}


def _note_failures(change: Change, failed: Mapping[TargetKey, Sequence[AttemptRecord]], terms: Terms) -> None:
    now = now_ms()
    known = load_health(change.session, now, terms)
    healths = {}
    for key, records in failed.items():
        health = known.get(key)
        for record in records:
            evidence = one_line(f"{record.reason} (on {record.worker})", MAX_EVIDENCE)
            health = after_failure(health, evidence, now, terms)
        if health is not None:
            healths[key] = health
    save_health(change.session, healths)
