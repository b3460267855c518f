"""What became of one test in the newest runs that had it. Reads only, by an index on project and test."""

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from harness.errors import NoSuchTest
from harness.models.looking_back import PastTest, TestHistory
from harness.models.run import RunReport
from scheduler.reports.causes import find_causes
from scheduler.reports.past_test import past_test
from scheduler.store.queries import is_called, report_of_test, run_view
from scheduler.store.tables import RUNS, TESTS
from scheduler.store.values import storable

LOOK_BACK = 20
"""So many of the newest runs are looked through for a test that is named by the end of its id."""

_T, _R = TESTS.c, RUNS.c


def test_history(session: Session, name: str, limit: int, *, project: str | None = None) -> TestHistory:
    """The newest `limit` runs that had the test, the newest first; of one project alone, if given. NoSuchTest."""
    mine, test_id = _find(session, name, project)
    rows = session.connection().execute(
        select(_T.run_id, _T.number)
        .join(RUNS, _R.id == _T.run_id)
        .where(_T.project == mine, _T.test_id == test_id)
        .order_by(_R.created_ms.desc(), _R.id.desc())
        .limit(limit)
    )
    return TestHistory(test_id=test_id, entries=tuple(_entry(session, row.run_id, row.number) for row in rows))


def _entry(session: Session, run_id: str, number: int) -> PastTest:
    tests = (report_of_test(session, run_id, number),)
    return past_test(RunReport(run=run_view(session, run_id), tests=tests, causes=find_causes(tests)), tests[0])


def _find(session: Session, name: str, project: str | None) -> tuple[str, str]:
    """Project and id of the test: the id itself, or else the end of one in a newer run."""
    known = _tests(session, _T.test_id == storable(name), _T.project == (project or storable(name.partition("/")[0])))
    if known:
        return known[0]
    runs = select(_R.id).order_by(_R.created_ms.desc(), _R.id.desc()).limit(LOOK_BACK)
    if project is not None:
        runs = runs.where(_R.project == project)
    for run_id in session.connection().execute(runs).scalars().all():
        found = _tests(session, _T.run_id == run_id, is_called(storable(name)))
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(test_id for _, test_id in found)
            raise NoSuchTest(f"'{name[:200]}' is the end of several tests ({ids}); give more of the id")
    raise NoSuchTest(f"no test '{name[:200]}' in the newest {LOOK_BACK} runs; give its whole id, or see `runs`")


def _tests(session: Session, *conditions: ColumnElement[bool]) -> list[tuple[str, str]]:
    """Project and id of up to three different tests."""
    query = select(_T.project, _T.test_id).where(*conditions).distinct().order_by(_T.test_id).limit(3)
    return [(project, test_id) for project, test_id in session.connection().execute(query)]
