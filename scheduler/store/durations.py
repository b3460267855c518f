"""How long the tests of a run took in earlier runs of the same suites and targets. Reads only; bounded."""

from collections import defaultdict

from sqlalchemy import select
from sqlmodel import Session

from harness.models.outcomes import GOOD
from harness.models.run import RunState
from scheduler.reports.usual import Usual, usual_of
from scheduler.reports.verdict import ExitCode
from scheduler.store.change import load_run
from scheduler.store.tables import RUNS, TESTS

RUNS_BACK, MAX_ROWS = 10, 100_000
"""The newest finished runs that are looked at; fewer of large ones: so many tests in all."""

_R, _T = RUNS.c, TESTS.c
_GOOD = [outcome.value for outcome in GOOD]


def usual_durations(session: Session, run_id: str) -> Usual:
    """What the tests of the run's scope usually take, and the newest whole run. RunMissing."""
    run = load_run(session, run_id)
    earlier = (
        select(_R.id, _R.created_ms, _R.finished_ms, _R.selection)
        .where(_R.scope == run.scope, _R.scope != "", _R.id != run_id, _R.created_ms <= run.created_ms)
        .where(_R.state == RunState.CLOSED.value, _R.exit_code != int(ExitCode.INCOMPLETE))
        .order_by(_R.created_ms.desc(), _R.id.desc())
        .limit(max(1, min(RUNS_BACK, MAX_ROWS // max(1, run.total))))
    )
    runs = session.connection().execute(earlier).all()
    same = next((one for one in runs if one.selection == run.selection), None)
    run_s = (same.finished_ms - same.created_ms) / 1000 if same else None
    return usual_of(_taken(session, [one.id for one in runs]), run_s)


def _taken(session: Session, run_ids: list[str]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = defaultdict(list)
    query = select(_T.test_id, _T.duration_s).where(_T.run_id.in_(run_ids), _T.outcome.in_(_GOOD)).limit(MAX_ROWS)
    for test_id, duration_s in session.connection().execute(query) if run_ids else ():
        taken[test_id].append(duration_s)
    return taken
