"""What the store can be asked: runs, reports, events. Reads only."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlmodel import Session

from harness.errors import NoSuchTest, RunMissing
from harness.models.attempt import AttemptRecord
from harness.models.causes import Comparison, RunCause
from harness.models.outcomes import EXECUTED, NO_SERVER_CAUSES, TestOutcome
from harness.models.run import (
    AttemptReport,
    EventKind,
    Lane,
    RunEvent,
    RunReport,
    RunState,
    RunView,
    TestReport,
)
from scheduler.reports.attempts import deciding_record
from scheduler.reports.cause_ages import with_ages
from scheduler.reports.causes import find_causes
from scheduler.run_names import runs_back
from scheduler.store.causes import known_causes
from scheduler.store.change import load_run
from scheduler.store.gates import suite_terms
from scheduler.store.looks import base_of, stored_comparison
from scheduler.store.tables import ATTEMPTS, RUNS, TESTS, Run
from scheduler.store.values import from_ms, storable

_T, _A, _R = TESTS.c, ATTEMPTS.c, RUNS.c
MAX_ATTEMPTS = 1_000
"""Of one test that are told; the oldest."""

_NO_SERVER = [cause.value for cause in NO_SERVER_CAUSES]


def run_view(session: Session, run_id: str) -> RunView:
    """A run in brief. Raises RunMissing."""
    return _view(_run(session, run_id))


def run_report(session: Session, run_id: str) -> RunReport:
    """A run in full, tests by number. Raises RunMissing."""
    run = _run(session, run_id)
    tests = _tests(session, _select_tests(run_id).order_by(_T.number), _attempts(session, _select_attempts(run_id)))
    causes, comparison = _look_back(session, run, tests)
    return RunReport(
        run=_view(run), tests=tuple(tests), suites=suite_terms(session, run_id), causes=causes, comparison=comparison
    )


def found_server(session: Session, run_id: str) -> bool:
    """Whether any test that was tried got further than a server that could not be started."""
    got_further = or_(_T.outcome != TestOutcome.ERROR.value, _T.cause.is_(None), _T.cause.not_in(_NO_SERVER))
    tried = _T.outcome.in_([outcome.value for outcome in EXECUTED])
    return bool(session.connection().execute(select(exists().where(_T.run_id == run_id, tried, got_further))).scalar())


def events_after(session: Session, run_id: str, seq: int, limit: int = 500) -> list[RunEvent]:
    """Events with a number above `seq`, in order; the last one of a run is `run.finished`. Raises RunMissing.

    A test whose group starts again loses its event and gets another, later one.
    """
    run = _run(session, run_id)
    query = _select_tests(run_id).where(_T.seq.is_not(None), _T.seq > seq).order_by(_T.seq).limit(limit)
    rows = session.connection().execute(query.with_only_columns(_T.number, _T.seq)).all()
    numbers = [number for number, _ in rows]
    attempts = _attempts(session, _select_attempts(run_id).where(_A.number.in_(numbers)))
    tests = {test.number: test for test in _tests(session, _select_tests(run_id, numbers), attempts)}
    events = [RunEvent(seq=place, kind=EventKind.TEST_FINISHED, test=tests[number]) for number, place in rows]
    if run.state == RunState.CLOSED and run.seq > seq and len(events) < limit:
        events.append(RunEvent(seq=run.seq, kind=EventKind.RUN_FINISHED, run=_view(run)))
    return events


def latest_runs(session: Session, limit: int = 20, *, project: str | None = None) -> list[RunView]:
    """The newest runs first."""
    query = select(_R.id).order_by(_R.created_ms.desc(), _R.id.desc()).limit(limit)
    if project is not None:
        query = query.where(_R.project == project)
    return [run_view(session, run_id) for run_id in session.connection().execute(query).scalars()]


def find_run(session: Session, name: str) -> str:
    """The id of the run that `name` means: `last`, `last~1`, an id, or the beginning of one. Raises RunMissing."""
    back = runs_back(name)
    if back is not None:
        newest = select(_R.id).order_by(_R.created_ms.desc(), _R.id.desc()).limit(1).offset(back)
        found = list(session.connection().execute(newest).scalars())
    else:
        beginning = select(_R.id).where(func.substr(_R.id, 1, len(name)) == name).order_by(_R.id).limit(3)
        found = list(session.connection().execute(beginning).scalars()) if name else []
    if name in found or len(found) == 1:
        return name if name in found else found[0]
    if found:
        raise RunMissing(f"'{name[:80]}' is the beginning of several runs ({', '.join(found)}); give more of the id")
    raise RunMissing(f"there is no run '{name[:80]}'; `last` names the newest one")


def open_runs(session: Session, pool: str) -> Sequence[str]:
    """Ids of the pool's runs that are not closed, oldest first."""
    query = select(_R.id).where(_R.state != RunState.CLOSED.value, _R.pool == pool).order_by(_R.created_ms, _R.id)
    return list(session.connection().execute(query).scalars())


def find_test(session: Session, run_id: str, name: str) -> int:
    """The number of the test that `name` means: a number, an id, or the end of an id after a slash. NoSuchTest."""
    if name.isascii() and name.isdigit() and len(name) < 10:
        return int(name)
    query = select(_T.number, _T.test_id).where(_T.run_id == run_id, is_called(storable(name)))
    found = session.connection().execute(query.order_by(func.length(_T.test_id), _T.number).limit(3)).all()
    if len(found) == 1 or (found and found[0].test_id == name):
        return int(found[0].number)
    shown = f"'{name[:200]}'"
    if found:
        ids = ", ".join(test_id for _, test_id in found)
        raise NoSuchTest(f"{shown} is the end of several tests ({ids}); give more of the id, or a number")
    raise NoSuchTest(f"run {run_id} has no test {shown}; give an id, the end of an id after a slash, or a number")


def report_of_test(session: Session, run_id: str, number: int) -> TestReport:
    """One test with all its attempts, in order. NoSuchTest, RunMissing."""
    _run(session, run_id)
    mine = _select_attempts(run_id).where(_A.number == number).limit(MAX_ATTEMPTS)
    found = _tests(session, _select_tests(run_id, [number]), _attempts(session, mine))
    if not found:
        raise NoSuchTest(f"run {run_id} has no test with the number {number}")
    return found[0]


def is_called(name: str) -> ColumnElement[bool]:
    """A test's id is `name`, or ends in it after a slash. Not LIKE, which does not tell `a` from `A` in SQLite."""
    begins = func.length(_T.test_id) - len(name)
    is_end = and_(begins > 0, func.substr(_T.test_id, begins, len(name) + 1) == f"/{name}")
    return or_(_T.test_id == name, is_end)


def _look_back(
    session: Session, run: Run, tests: Sequence[TestReport]
) -> tuple[tuple[RunCause, ...], Comparison | None]:
    """The causes with their age, and what changed. Of a run that goes on against the run before, of one that has
    ended as it was found at its end: what it was compared with may be gone since."""
    causes = find_causes(tests)
    if run.state != RunState.CLOSED:
        base_id = base_of(session, load_run(session, run.id)) if causes else None
        return with_ages(causes, known_causes(session, base_id) if base_id else {}), None
    known = known_causes(session, run.id) if causes else {}
    older = {place: cause for place, cause in known.items() if cause.since_run != run.id}
    return with_ages(causes, older), stored_comparison(session, run.id)


def _run(session: Session, run_id: str) -> Run:
    run = session.get(Run, run_id)
    if run is None:
        raise RunMissing(f"there is no run '{run_id[:80]}'")
    return run


def _view(run: Run) -> RunView:
    return RunView(
        run_id=run.id,
        project=run.project,
        name=run.name,
        state=RunState(run.state),
        created_at=from_ms(run.created_ms),
        finished_at=None if run.finished_ms is None else from_ms(run.finished_ms),
        total=run.total,
        totals={TestOutcome(outcome): count for outcome, count in run.totals.items()},
        stale_records=run.stale_records,
        exit_code=run.exit_code,
        warnings=tuple(run.warnings) + _poison_warning(run),
        lane=Lane(run.lane),
        deadline_at=None if run.deadline_ms is None else from_ms(run.deadline_ms),
        retries=run.retries,
        notice=run.notice,
    )


def _poison_warning(run: Run) -> tuple[str, ...]:
    if not run.poison_records:
        return ()
    return (f"{run.poison_records} records could not be read and were put aside; their tests were run again",)


def _select_tests(run_id: str, numbers: Sequence[int] | None = None) -> Select[Any]:
    query = select(
        _T.number,
        _T.test_id,
        _T.suite,
        _T.target,
        _T.name,
        _T.tool,
        _T.file,
        _T.line,
        _T.tags,
        _T.outcome,
        _T.cause,
        _T.reason,
        _T.duration_s,
    ).where(_T.run_id == run_id)
    return query if numbers is None else query.where(_T.number.in_(numbers))


def _select_attempts(run_id: str) -> Select[Any]:
    query = select(_A.number, _A.stale, _A.superseded, _A.details).where(_A.run_id == run_id)
    return query.order_by(_A.number, _A.lease, _A.started_ms, _A.digest)


def _attempts(session: Session, query: Select[Any]) -> dict[int, list[AttemptReport]]:
    attempts: dict[int, list[AttemptReport]] = defaultdict(list)
    for number, stale, superseded, details in session.connection().execute(query):
        record = AttemptRecord.model_validate(details)
        attempts[number].append(AttemptReport(record=record, stale=stale, superseded=superseded))
    return attempts


def _tests(session: Session, query: Select[Any], attempts: dict[int, list[AttemptReport]]) -> list[TestReport]:
    return [
        _with_warnings(TestReport(**row._mapping, attempts=tuple(attempts.get(row.number, ()))))
        for row in session.connection().execute(query)
    ]


def _with_warnings(test: TestReport) -> TestReport:
    record = deciding_record(test)
    return test.model_copy(update={"warned": True}) if record and record.warnings else test
