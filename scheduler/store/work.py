"""The work table as control sees it: what is in flight, what is ready, and how rows move.

Every statement that changes `state` takes its guard and its target from `scheduler.state.machine`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, exists, func, or_, select, text, update
from sqlmodel import Session

from scheduler.state.machine import EventKind, Status, TestState, step
from scheduler.store.tables import GROUPED, IN_FLIGHT, READY, RUN_PLANS, RUNS, TESTS

CHUNK = 500
_T, _P, _R = TESTS.c, RUN_PLANS.c, RUNS.c
_READY, _IN_FLIGHT, _GROUPED = (text(f"tests.{condition}") for condition in (READY, IN_FLIGHT, GROUPED))


# Built once: building a statement costs more than running it on SQLite.
_UNITS_IN_FLIGHT = (
    select(_T.run_id, _T.plan, func.count(_T.unit.distinct()))
    .join(RUNS, _R.id == _T.run_id)
    .where(_IN_FLIGHT, _R.pool == bindparam("b_pool"))
    .group_by(_T.run_id, _T.plan)
)
_READY_PLANS = (
    select(_P.run_id, _P.plan, _P.digest, _P.max_concurrency)
    .join(RUNS, _R.id == _P.run_id)
    .where(_R.state == "running", _R.pool == bindparam("b_pool"))
    .where(exists().where(_T.run_id == _P.run_id, _T.plan == _P.plan, _READY))
    .order_by(_R.created_ms, _R.id, _P.plan)
)
_FIRST_READY = (
    select(_T.number, _T.grouped)
    .where(_T.run_id == bindparam("b_run"), _T.plan == bindparam("b_plan"), _READY)
    .order_by(_T.rank)
    .limit(bindparam("b_count", type_=Integer))
)
_ROWS = select(
    _T.number,
    _T.plan,
    _T.unit,
    _T.grouped,
    _T.suite,
    _T.target,
    _T.test_id,
    _T.shard,
    _T.state,
    _T.lease,
    _T.losses,
    _T.not_before_ms,
    _T.published_ms,
    _T.missed_ms,
    _T.counted,
)


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A test as the work table holds it."""

    number: int
    plan: int
    unit: int
    grouped: bool
    suite: str
    target: str
    test_id: str
    shard: int
    status: Status
    published_ms: int | None
    missed_ms: int | None
    counted: bool


@dataclass(frozen=True, slots=True)
class ReadyPlan:
    """A suite of a running run that has ready tests."""

    run_id: str
    plan: int
    digest: str
    cap: int


@dataclass(frozen=True, slots=True)
class Published:
    """A test that has just been given its next lease."""

    number: int
    unit: int
    lease: int
    shard: int
    test_id: str

    @property
    def is_head(self) -> bool:
        """Whether it is the one of its unit that gets a message."""
        return self.number == self.unit


def units_in_flight(session: Session, pool: str) -> dict[tuple[str, int], int]:
    """How many units are published or running, by run and plan."""
    found = session.connection().execute(_UNITS_IN_FLIGHT, {"b_pool": pool})
    return {(run_id, plan): count for run_id, plan, count in found}


def ready_plans(session: Session, pool: str, run_id: str | None = None) -> list[ReadyPlan]:
    """Suites with ready tests, of the oldest run first."""
    query = _READY_PLANS if run_id is None else _READY_PLANS.where(_R.id == run_id)
    return [ReadyPlan(*row) for row in session.connection().execute(query, {"b_pool": pool})]


def publish(session: Session, run_id: str, plan: int, count: int, now_ms: int) -> list[Published]:
    """Give the next lease to the first `count` ready units of a suite, groups with all their members."""
    which = {"b_run": run_id, "b_plan": plan, "b_count": count}
    picked = session.connection().execute(_FIRST_READY, which).all()
    published = _publish(session, run_id, _T.number.in_([number for number, _ in picked]), now_ms)
    groups = [number for number, grouped in picked if grouped]
    if groups:  # the heads are published by now: the guard leaves the other members
        published += _publish(session, run_id, and_(_GROUPED, _T.unit.in_(groups)), now_ms)
    return published


def _publish(session: Session, run_id: str, which: ColumnElement[bool], now_ms: int) -> list[Published]:
    move = step(EventKind.PUBLISHED)
    statement = (
        update(TESTS)
        .where(_T.run_id == run_id, which, _T.state.in_(move.sources))
        .values(state=move.target, lease=_T.lease + 1, published_ms=now_ms, missed_ms=None)
        .returning(_T.number, _T.unit, _T.lease, _T.shard, _T.test_id)
    )
    return sorted((Published(*row) for row in session.connection().execute(statement)), key=lambda row: row.number)


def load_tests(session: Session, run_id: str, numbers: Collection[int]) -> dict[int, WorkRow]:
    """Rows by number; numbers that the run does not have are absent."""
    found: dict[int, WorkRow] = {}
    ordered = sorted(numbers)
    for start in range(0, len(ordered), CHUNK):
        query = _ROWS.where(_T.run_id == run_id, _T.number.in_(ordered[start : start + CHUNK]))
        found |= {row.number: row for row in map(_work_row, session.connection().execute(query))}
    return found


def load_units(session: Session, run_id: str, units: Collection[int]) -> dict[int, dict[int, WorkRow]]:
    """All members of the units, by unit and number."""
    rows = load_tests(session, run_id, units)
    groups = [unit for unit in units if unit in rows and rows[unit].grouped]
    for start in range(0, len(groups), CHUNK):
        query = _ROWS.where(_T.run_id == run_id, _GROUPED, _T.unit.in_(groups[start : start + CHUNK]))
        rows |= {row.number: row for row in map(_work_row, session.connection().execute(query))}
    by_unit: dict[int, dict[int, WorkRow]] = defaultdict(dict)
    for number in sorted(rows):
        by_unit[rows[number].unit][number] = rows[number]
    return dict(by_unit)


def load_in_flight(session: Session, run_id: str) -> list[WorkRow]:
    """Everything of a run that is published or running."""
    query = _ROWS.where(_T.run_id == run_id, _IN_FLIGHT).order_by(_T.number)
    return [_work_row(row) for row in session.connection().execute(query)]


def load_waiting(session: Session, run_id: str, plan: int | None = None) -> list[WorkRow]:
    """Tests of a run (or of one suite of it) that no lease was given to yet."""
    waiting = [state for state in step(EventKind.STOPPED).sources if state != TestState.PUBLISHED]
    query = _ROWS.where(_T.run_id == run_id, _T.state.in_(waiting)).order_by(_T.number)
    if plan is not None:
        query = query.where(_T.plan == plan)
    return [_work_row(row) for row in session.connection().execute(query)]


def save_statuses(session: Session, run_id: str, statuses: Mapping[int, Status]) -> None:
    """Write what the machine said of tests that stay open; outcomes and places among the events are taken away."""
    rows = [
        {
            "b_number": number,
            "state": status.state.value,
            "lease": status.lease,
            "losses": status.losses,
            "not_before_ms": status.not_before_ms,
        }
        for number, status in statuses.items()
    ]
    cleared = {"outcome": None, "cause": None, "reason": "", "duration_s": 0.0, "seq": None, "missed_ms": None}
    statement = (
        update(TESTS)
        .where(_T.run_id == run_id, _T.number == bindparam("b_number"))
        .values(**cleared)
        .values({name: bindparam(name) for name in ("state", "lease", "losses", "not_before_ms")})
    )
    if rows:
        session.connection().execute(statement, rows)


def mark_taken(session: Session, run_id: str, leases: Mapping[int, int]) -> None:
    """Workers have these tests (number to lease) by now. Those that moved on meanwhile are left alone."""
    move = step(EventKind.TAKEN)
    statement = (
        update(TESTS)
        .where(
            _T.run_id == run_id,
            _T.number == bindparam("b_number"),
            _T.lease == bindparam("b_lease"),
            or_(*(_T.state == source for source in move.sources)),  # IN does not go with many parameter sets
        )
        .values(state=move.target)
    )
    rows = [{"b_number": number, "b_lease": lease} for number, lease in leases.items()]
    if rows:
        session.connection().execute(statement, rows)


def mark_missed(session: Session, run_id: str, numbers: Iterable[int], missed_ms: int | None) -> None:
    """Remember (or forget, with None) that recovery found no reason for these tests' wait."""
    ordered = sorted(numbers)
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        statement = update(TESTS).where(_T.run_id == run_id, _T.number.in_(chunk)).values(missed_ms=missed_ms)
        session.connection().execute(statement)


def _work_row(row: Sequence[Any]) -> WorkRow:
    number, plan, unit, grouped, suite, target, test_id, *rest = row
    shard, state, lease, losses, not_before_ms, published_ms, missed_ms, counted = rest
    status = Status(TestState(state), lease, losses, not_before_ms)
    return WorkRow(number, plan, unit, grouped, suite, target, test_id, shard, status, published_ms, missed_ms, counted)
