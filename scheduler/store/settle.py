"""Writes what became of tests: outcome, place among the run's events, totals and counters, in one transaction.

The caller holds the run's lock and asked the state machine. Nothing else writes outcomes or totals.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import bindparam, func, select, text, update
from sqlmodel import Session

from harness.models.outcomes import CauseKind, TestOutcome
from scheduler.state.fold import Conclusion
from scheduler.state.machine import CLOSED, Status
from scheduler.store.change import Change, RunRow
from scheduler.store.tables import GROUPED, TESTS
from scheduler.store.values import storable
from scheduler.store.work import CHUNK, WorkRow, save_statuses

_T = TESTS.c
_GROUPED = text(f"tests.{GROUPED}")
_CLOSED = tuple(state.value for state in CLOSED)


_SETTLED = ("state", "losses", "outcome", "cause", "reason", "duration_s", "seq", "counted")
_SETTLE = (
    update(TESTS)
    .where(_T.run_id == bindparam("b_run"), _T.number == bindparam("b_number"))
    .values({name: bindparam(name) for name in _SETTLED})
    .values(missed_ms=None)
)


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of one test. `status` is what the machine said: final or cancelled."""

    row: WorkRow
    status: Status
    outcome: TestOutcome
    cause: CauseKind | None = None
    reason: str = ""
    duration_s: float = 0.0

    @classmethod
    def shown_by(cls, row: WorkRow, status: Status, found: Conclusion) -> Self:
        """The ending that a test's attempts have shown."""
        return cls(row, status, found.outcome, found.cause, found.reason, found.duration_s)


def settle(change: Change, endings: Sequence[Ending]) -> None:
    """Give these open tests their outcomes."""
    if not endings:
        return
    _write(change.session, change.run, endings)
    _add_totals(change.run, Counter(ending.outcome.value for ending in endings))
    for ending in endings:
        if not ending.row.grouped:
            change.counters.test(ending.row.suite, ending.row.target, ending.outcome)
    _count_groups(change, {ending.row.unit for ending in endings if ending.row.grouped})


def reopen(change: Change, statuses: Mapping[int, Status], superseded: Collection[int]) -> None:
    """Write tests that are open (again); the outcomes of `superseded` ones leave the totals."""
    session, run = change.session, change.run
    if superseded:
        query = select(_T.outcome).where(_T.run_id == run.id, _T.number.in_(sorted(superseded)))
        _add_totals(run, Counter(session.connection().execute(query).scalars()), sign=-1)
    save_statuses(session, run.id, statuses)


def count_stored(session: Session, run_id: str) -> dict[str, int]:
    """Outcomes of a run counted afresh from its tests: what `Run.totals` must equal."""
    query = select(_T.outcome, func.count()).where(_T.run_id == run_id, _T.outcome.is_not(None)).group_by(_T.outcome)
    return {str(outcome): count for outcome, count in session.connection().execute(query)}


def _write(session: Session, run: RunRow, endings: Sequence[Ending]) -> None:
    rows = [_columns(ending, run.seq + place) for place, ending in enumerate(endings, 1)]
    run.seq += len(rows)
    session.connection().execute(_SETTLE, [{"b_run": run.id, **row} for row in rows])


def _columns(ending: Ending, seq: int) -> dict[str, object]:
    return {
        "b_number": ending.row.number,
        "state": ending.status.state.value,
        "losses": ending.status.losses,
        "outcome": ending.outcome.value,
        "cause": ending.cause.value if ending.cause else None,
        "reason": storable(ending.reason),
        "duration_s": ending.duration_s,
        "seq": seq,
        "counted": not ending.row.grouped,
    }


def _add_totals(run: RunRow, outcomes: Mapping[str, int], sign: int = 1) -> None:
    names = run.totals.keys() | outcomes.keys()
    sums = {name: run.totals.get(name, 0) + sign * outcomes.get(name, 0) for name in sorted(names)}
    run.totals = {name: count for name, count in sums.items() if count}


def _count_groups(change: Change, units: Iterable[int]) -> None:
    """A group counts once it can no longer start again: when its last member has an outcome."""
    ordered = sorted(units)
    for start in range(0, len(ordered), CHUNK):
        _count_complete(change, ordered[start : start + CHUNK])


def _count_complete(change: Change, units: Sequence[int]) -> None:
    session, run_id = change.session, change.run.id
    members = (_T.run_id == run_id, _GROUPED, _T.unit.in_(units))
    still_open = set(session.connection().execute(select(_T.unit).where(*members, _T.state.not_in(_CLOSED))).scalars())
    complete = [unit for unit in units if unit not in still_open]
    if not complete:
        return
    now_counted = (
        update(TESTS)
        .where(_T.run_id == run_id, _GROUPED, _T.unit.in_(complete), _T.counted.is_(False))
        .values(counted=True)
        .returning(_T.suite, _T.target, _T.outcome)
    )
    for suite, target, outcome in session.connection().execute(now_counted):
        change.counters.test(suite, target, outcome)
