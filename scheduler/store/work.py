"""The work table as control sees it: what is in flight, what is ready, and how rows move.

Every statement that changes `state` takes its guard and its target from `scheduler.state.machine`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Integer, Row, bindparam, exists, func, or_, select, text, update
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import Session

from scheduler.state.machine import EventKind, Status, TestState, step
from scheduler.store.tables import GROUPED, IN_FLIGHT, READY, RETRY_WAIT, RUN_PLANS, RUNS, TESTS

CHUNK = 500
_T, _P, _R = TESTS.c, RUN_PLANS.c, RUNS.c
_READY, _IN_FLIGHT, _RETRY_WAIT, _GROUPED = (
    text(f"tests.{condition}") for condition in (READY, IN_FLIGHT, RETRY_WAIT, GROUPED)
)


# Built once: building a statement costs more than running it on SQLite.
_UNITS_IN_FLIGHT = (
    select(_T.run_id, _T.plan, _T.project, _P.target, _P.server, _R.lane, func.count(_T.unit.distinct()))
    .join(RUNS, _R.id == _T.run_id)
    .join(RUN_PLANS, (_P.run_id == _T.run_id) & (_P.plan == _T.plan))
    .where(_IN_FLIGHT, _R.pool == bindparam("b_pool"))
    .group_by(_T.run_id, _T.plan, _T.project, _P.target, _P.server, _R.lane)
)
_SOME_READY = (
    select(_T.number)
    .where(_T.run_id == _P.run_id, _T.plan == _P.plan, _READY)
    .limit(bindparam("b_limit", type_=Integer))
    .correlate(RUN_PLANS)
    .subquery()
)
_READY_PLANS = (
    select(
        _P.run_id,
        _P.plan,
        _P.digest,
        _P.max_concurrency,
        _R.project,
        _P.target,
        _P.server,
        _R.lane,
        select(func.count()).select_from(_SOME_READY).correlate(RUN_PLANS).scalar_subquery(),
        _P.requires,
    )
    .join(RUNS, _R.id == _P.run_id)
    .where(_R.state == "running", _R.pool == bindparam("b_pool"), _R.stop_reason == "", _P.stop_reason == "", ~_P.held)
    .where(exists().where(_T.run_id == _P.run_id, _T.plan == _P.plan, _READY))
    .order_by(_R.created_ms, _R.id, _P.plan)
)
_DUE_RUNS = (
    select(_T.run_id)
    .distinct()
    .join(RUNS, _R.id == _T.run_id)
    .where(_RETRY_WAIT, _T.not_before_ms <= bindparam("b_now"), _R.pool == bindparam("b_pool"))
)
_FIRST_READY = (
    select(_T.number, _T.grouped)
    .where(_T.run_id == bindparam("b_run"), _T.plan == bindparam("b_plan"), _READY)
    .order_by(_T.rank)
    .limit(bindparam("b_count", type_=Integer))
)
_MOVE = step(EventKind.PUBLISHED)
_PUBLISH = (
    update(TESTS)
    .where(_T.run_id == bindparam("b_run"), _T.state.in_(_MOVE.sources))
    .values(state=_MOVE.target, lease=_T.lease + 1, published_ms=bindparam("b_now"), missed_ms=None)
    .returning(_T.number, _T.unit, _T.lease, _T.shard, _T.test_id, _T.losses, _T.retries, _T.avoid)
)
_PUBLISH_HEADS = _PUBLISH.where(_T.number.in_(bindparam("b_numbers", expanding=True)))
_PUBLISH_MEMBERS = _PUBLISH.where(_GROUPED, _T.unit.in_(bindparam("b_numbers", expanding=True)))
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
    _T.project,
    _T.idempotent,
    _T.retries,
    _T.avoid,
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
    project: str
    idempotent: bool
    retries: int
    avoid: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadyPlan:
    """A suite of a running run that has ready tests: `ready` units, counted up to a limit. `server` is a digest."""

    run_id: str
    plan: int
    digest: str
    cap: int
    project: str
    target: str
    server: str
    lane: str
    ready: int
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InFlight:
    """How many units of a suite are published or running."""

    run_id: str
    plan: int
    project: str
    target: str
    server: str
    lane: str
    units: int


@dataclass(frozen=True, slots=True)
class Published:
    """A test that has just been given its next lease."""

    number: int
    unit: int
    lease: int
    shard: int
    test_id: str
    losses: int
    retries: int
    avoid: tuple[str, ...]

    @property
    def is_head(self) -> bool:
        """Whether it is the one of its unit that gets a message."""
        return self.number == self.unit


def units_in_flight(session: Session, pool: str) -> list[InFlight]:
    """The pool's units that are published or running, by suite."""
    return [InFlight(*row) for row in session.connection().execute(_UNITS_IN_FLIGHT, {"b_pool": pool})]


def ready_plans(session: Session, pool: str, limit: int) -> list[ReadyPlan]:
    """Suites with ready tests, of the oldest run first; each counted up to `limit`."""
    rows: Iterable[Any] = session.connection().execute(_READY_PLANS, {"b_pool": pool, "b_limit": limit})
    return [replace(ReadyPlan(*row), requires=tuple(row.requires)) for row in rows]


def due_runs(session: Session, pool: str, now_ms: int) -> list[str]:
    """Runs that have a test whose time to be retried has come."""
    found = session.connection().execute(_DUE_RUNS, {"b_pool": pool, "b_now": now_ms})
    return sorted(found.scalars())


def mark_due(session: Session, run_id: str, now_ms: int) -> int:
    """Make the run's tests ready whose time has come; tells how many. The caller holds the run's lock."""
    move = step(EventKind.DUE)
    statement = (
        update(TESTS)
        .where(_T.run_id == run_id, _RETRY_WAIT, _T.state.in_(move.sources), _T.not_before_ms <= now_ms)
        .values(state=move.target, not_before_ms=None)
    )
    return session.connection().execute(statement).rowcount


def publish(session: Session, run_id: str, plan: int, count: int, now_ms: int) -> list[Published]:
    """Give the next lease to the first `count` ready units of a suite, groups with all their members."""
    which = {"b_run": run_id, "b_plan": plan, "b_count": count}
    picked = session.connection().execute(_FIRST_READY, which).all()
    published = _publish(session, _PUBLISH_HEADS, run_id, [number for number, _ in picked], now_ms)
    groups = [number for number, grouped in picked if grouped]
    if groups:  # the heads are published by now: the guard leaves the other members
        published += _publish(session, _PUBLISH_MEMBERS, run_id, groups, now_ms)
    return published


def _publish(
    session: Session, statement: ReturningUpdate[Any], run_id: str, numbers: Sequence[int], now_ms: int
) -> list[Published]:
    which = {"b_run": run_id, "b_numbers": numbers, "b_now": now_ms}
    rows = session.connection().execute(statement, which)
    return sorted(map(_published, rows), key=lambda row: row.number)


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


def load_waiting(session: Session, run_id: str, plans: Collection[int] | None, limit: int) -> list[WorkRow]:
    """Up to `limit` tests of a run (or of these suites of it) that have no lease at the moment."""
    waiting = [state for state in step(EventKind.STOPPED).sources if state != TestState.PUBLISHED]
    query = _ROWS.where(_T.run_id == run_id, _T.state.in_(waiting)).order_by(_T.number).limit(limit)
    if plans is not None:
        query = query.where(_T.plan.in_(sorted(plans)))
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


def note_workers(session: Session, run_id: str, avoid: Mapping[int, Sequence[str]], retried: Collection[int]) -> None:
    """Write which workers the units of these heads are to avoid, and that `retried` tests are run once more."""
    rows = [{"b_number": number, "avoid": "\n".join(names)} for number, names in avoid.items()]
    statement = update(TESTS).where(_T.run_id == run_id, _T.number == bindparam("b_number"))
    if rows:
        session.connection().execute(statement.values(avoid=bindparam("avoid")), rows)
    if retried:
        again = [{"b_number": number} for number in sorted(retried)]
        session.connection().execute(statement.values(retries=_T.retries + 1), again)


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


def _work_row(row: Row[*tuple[Any, ...]]) -> WorkRow:
    told = dict(row._mapping)
    status = Status(TestState(told.pop("state")), *(told.pop(name) for name in ("lease", "losses", "not_before_ms")))
    return WorkRow(**{**told, "status": status, "avoid": _lines(told["avoid"])})


def _published(row: Row[*tuple[Any, ...]]) -> Published:
    return Published(**{**row._mapping, "avoid": _lines(row.avoid)})


def _lines(stored: str) -> tuple[str, ...]:
    return tuple(stored.split("\n")) if stored else ()
