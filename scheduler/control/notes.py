"""What a batch of accepted records tells beside its verdicts: how targets are, how long calls and tests took."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from harness.models.attempt import AttemptRecord
from harness.models.outcomes import CauseKind
from harness.safe_text import one_line
from scheduler.state.breaker import Terms, after_failure
from scheduler.store.change import Change
from scheduler.store.health import TargetKey, forget_health, load_health, save_health
from scheduler.store.values import now_ms
from scheduler.store.work import WorkRow

MAX_EVIDENCE = 300


def count_responses(change: Change, rows: Mapping[int, WorkRow], records: Iterable[AttemptRecord]) -> None:
    """Add the times of answered calls to the counters."""
    for record in records:
        if record.timing.call_s is not None:
            row = rows[record.number]
            change.counters.response(row.suite, row.target, max(0.0, record.timing.call_s))


def note_health(change: Change, rows: Mapping[int, WorkRow], records: Iterable[AttemptRecord], terms: Terms) -> None:
    """Remember targets whose server could not be started; forget what was held against those that answered."""
    failed: dict[TargetKey, list[AttemptRecord]] = defaultdict(list)
    well: set[TargetKey] = set()
    for record in records:
        row = rows[record.number]
        key = (row.project, row.target)
        if record.cause is not None and record.cause.kind is CauseKind.SERVER_UNAVAILABLE:
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
        seconds[rows[record.number].project].append(record.duration_s)
    return dict(seconds)


def _note_failures(change: Change, failed: Mapping[TargetKey, Sequence[AttemptRecord]], terms: Terms) -> None:
    known, now = load_health(change.session), now_ms()
    healths = {}
    for key, records in failed.items():
        health = known.get(key)
        for record in records:
            evidence = one_line(f"{record.reason} (on {record.worker})", MAX_EVIDENCE)
            health = after_failure(health, evidence, now, terms)
        if health is not None:
            healths[key] = health
    save_health(change.session, healths)
