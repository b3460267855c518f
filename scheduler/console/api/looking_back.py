"""Routes that look back: the difference of two runs, the history of one test. All of them only read."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from harness.models.looking_back import RunDifference, TestHistory
from harness.models.run import RunView
from scheduler.console.api.access import AnyFarm, KeyHolder
from scheduler.console.api.looks import Name
from scheduler.console.api.problems import responses
from scheduler.console.api.runs import VisibleRun, visible_run
from scheduler.reports.compare import compare
from scheduler.store.history import test_history
from scheduler.store.owners import ALL_PROJECTS
from scheduler.store.queries import run_report

MAX_HISTORY, DEFAULT_HISTORY = 100, 20

router = APIRouter(prefix="/v1")


def other_run(other_id: str, farm: AnyFarm, caller: KeyHolder) -> RunView:
    """The second run that a path names; 404 for another project's, too."""
    return visible_run(other_id, farm, caller)


@router.get("/runs/{run_id}/difference/{other_id}", tags=["runs"], responses=responses(401, 404))
def difference_of_runs(view: VisibleRun, other: Annotated[RunView, Depends(other_run)], farm: AnyFarm) -> RunDifference:
    """What is different in the second run: causes, outcomes, durations beyond noise, versions, tests."""
    with farm.store.session() as session:
        return compare(run_report(session, view.run_id), run_report(session, other.run_id))


@router.get("/history", tags=["runs"], responses=responses(400, 401, 404))
def history_of_test(
    farm: AnyFarm,
    caller: KeyHolder,
    test: Name,
    limit: Annotated[int, Query(ge=1, le=MAX_HISTORY)] = DEFAULT_HISTORY,
) -> TestHistory:
    """What became of a test in the newest runs that had it; by its id, or the end of one of the newest 20 runs."""
    project = None if caller.project == ALL_PROJECTS else caller.project
    with farm.store.session() as session:
        return test_history(session, test, limit, project=project)
