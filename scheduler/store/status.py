"""How a run stands, as counts. Reads only; what is read of a run does not grow into memory with its tests."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlmodel import Session

from harness.models.outcomes import BAD, EXECUTED, TestOutcome
from harness.models.run import FailedTest, OpenTests, RunState, RunStatus, RunView, SuiteStatus
from scheduler.state.machine import CLOSED
from scheduler.store.queries import run_view
from scheduler.store.tables import ATTEMPTS, RUN_PLANS, TESTS
from scheduler.store.values import from_ms, to_ms

MAX_SUITES, MAX_FAILURES = 1_000, 10
RATE_TESTS = 200
"""So many of the newest tests make the rate of a run that goes on: it tells of now, and costs little."""

_T, _A, _P = TESTS.c, ATTEMPTS.c, RUN_PLANS.c
_BAD = [outcome.value for outcome in BAD]
_CLOSED = [state.value for state in CLOSED]


@dataclass
class _Counts:
    """Of one run: open tests by state, and tests of each plan by outcome."""

    open: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    total: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    ended: dict[int, dict[TestOutcome, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))


def run_status(session: Session, run_id: str, now_ms: int) -> RunStatus:
    """How the run stands at `now_ms`. Raises RunMissing."""
    view = run_view(session, run_id)
    counts = _count(session, run_id)
    suites = _suites(session, run_id, counts)
    return RunStatus(
        at=from_ms(now_ms),
        run=view,
        open=OpenTests.model_validate(counts.open),
        rate=_whole_rate(view) if view.state is RunState.CLOSED else _rate(session, view, now_ms),
        suites=suites,
        suites_left_out=len(counts.total) - len(suites),
        newest_failures=_newest_failures(session, run_id) if any(view.totals.get(bad) for bad in BAD) else (),
    )


def _count(session: Session, run_id: str) -> _Counts:
    columns = (_T.plan, _T.state, _T.outcome)
    query = select(*columns, func.count()).where(_T.run_id == run_id).group_by(*columns)
    counts = _Counts()
    for plan, state, outcome, count in session.connection().execute(query):
        counts.total[plan] += count
        if state not in _CLOSED:
            counts.open[state] += count
        elif outcome is not None:
            counts.ended[plan][TestOutcome(outcome)] += count
    return counts


def _suites(session: Session, run_id: str, counts: _Counts) -> tuple[SuiteStatus, ...]:
    """Suites that have tests, in order."""
    query = select(_P.plan, _P.suite, _P.target).where(_P.run_id == run_id).order_by(_P.plan)
    rows = [row for row in session.connection().execute(query) if row.plan in counts.total]
    return tuple(
        SuiteStatus(suite=suite, target=target, total=counts.total[plan], totals=_in_order(counts.ended[plan]))
        for plan, suite, target in rows[:MAX_SUITES]
    )


def _in_order(ended: Mapping[TestOutcome, int]) -> dict[TestOutcome, int]:
    return {outcome: ended[outcome] for outcome in TestOutcome if ended.get(outcome)}


def _newest_failures(session: Session, run_id: str) -> tuple[FailedTest, ...]:
    query = (
        select(_T.number, _T.test_id, _T.outcome, _T.reason, _T.duration_s)
        .where(_T.run_id == run_id, _T.seq.is_not(None), _T.outcome.in_(_BAD))
        .order_by(_T.seq.desc())
        .limit(MAX_FAILURES)
    )
    return tuple(FailedTest(**row._mapping) for row in session.connection().execute(query))


def _whole_rate(view: RunView) -> float:
    """Tests a second that a run made which has ended."""
    took = (view.finished_at - view.created_at).total_seconds() if view.finished_at else 0.0
    executed = sum(view.totals.get(outcome, 0) for outcome in EXECUTED)
    return round(executed / took, 2) if took > 0 else 0.0


def _rate(session: Session, view: RunView, now_ms: int) -> float:
    """Tests a second that a run makes now: while nothing ends, it falls."""
    ends = _newest_ends(session, view.run_id)
    if not ends:
        return 0.0
    since_ms = max(min(ends), to_ms(view.created_at))  # a worker's clock may be wrong
    return round(len(ends) * 1000 / max(now_ms - since_ms, 1000), 2)


def _newest_ends(session: Session, run_id: str) -> Sequence[int]:
    """When each of the newest tests ended that were tried."""
    newest = (
        select(_T.number)
        .where(_T.run_id == run_id, _T.seq.is_not(None))
        .order_by(_T.seq.desc())
        .limit(RATE_TESTS)
        .subquery()
    )
    query = (
        select(func.max(_A.ended_ms))
        .join(newest, newest.c.number == _A.number)
        .where(_A.run_id == run_id, _A.stale.is_(False))
        .group_by(_A.number)
    )
    return list(session.connection().execute(query).scalars())
