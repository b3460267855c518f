"""Routes that look closer: how a run stands, the history of one test, the workers. All of them only read."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from redis.exceptions import RedisError
from sqlmodel import Session

from harness.models.run import RunningTests, RunStatus, TestReport, WorkerView
from scheduler.console.api.access import AnyFarm, KeyHolder
from scheduler.console.api.problems import responses
from scheduler.console.api.runs import VisibleRun
from scheduler.operate.running import running_tests
from scheduler.operate.workers import name_tests, see_workers
from scheduler.store.owners import ALL_PROJECTS
from scheduler.store.queries import find_test, report_of_test
from scheduler.store.status import run_status
from scheduler.store.values import now_ms

router = APIRouter(prefix="/v1")

MAX_NUMBER, MAX_NAME = 2**31 - 1, 2_000
Number = Annotated[int, Path(ge=0, le=MAX_NUMBER, description="the test's number within its run, from 0")]
Name = Annotated[
    str, Query(min_length=1, max_length=MAX_NAME, description="an id, the end of one after a slash, or a number")
]


@router.get("/runs/{run_id}/status", tags=["runs"], responses=responses(401, 404))
def status_of_run(view: VisibleRun, farm: AnyFarm) -> RunStatus:
    """How a run stands: counts by state and by suite, its rate, the newest failures."""
    with farm.store.session() as session:
        status = run_status(session, view.run_id, now_ms())
        return status.model_copy(update={"running": _running(farm, session, view.run_id)})


def _running(farm: AnyFarm, session: Session, run_id: str) -> RunningTests:
    """What workers run, which Redis knows: without Redis the rest is told all the same."""
    try:
        return running_tests(farm.redis, session, run_id)
    except RedisError:
        return RunningTests()


@router.get("/runs/{run_id}/tests", tags=["runs"], responses=responses(400, 401, 404))
def find_test_of_run(view: VisibleRun, farm: AnyFarm, test: Name) -> TestReport:
    """One test by its name, with all its attempts, stale and superseded ones, too."""
    with farm.store.session() as session:
        return report_of_test(session, view.run_id, find_test(session, view.run_id, test))


@router.get("/runs/{run_id}/tests/{number}", tags=["runs"], responses=responses(400, 401, 404))
def test_of_run(view: VisibleRun, farm: AnyFarm, number: Number) -> TestReport:
    """One test by its number, with all its attempts, stale and superseded ones, too."""
    with farm.store.session() as session:
        return report_of_test(session, view.run_id, number)


@router.get("/workers", tags=["workers"], responses=responses(401))
def list_workers(farm: AnyFarm, caller: KeyHolder) -> list[WorkerView]:
    """The farm's workers and what they hold. Tests of projects that the key does not reach are counted, not named."""
    seen = see_workers(farm.redis)
    project = None if caller.project == ALL_PROJECTS else caller.project
    with farm.store.session() as session:
        return list(name_tests(session, seen, project))
