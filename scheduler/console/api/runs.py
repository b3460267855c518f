"""Routes of runs: start, look, report, cancel."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from redis.exceptions import RedisError

from harness.log import get_logger
from harness.models.run import CancelRequest, RunReport, RunRequest, RunView
from scheduler.console.api.access import AnyFarm, KeyHolder
from scheduler.console.api.problems import Refusal, responses
from scheduler.control.cancel import cancel
from scheduler.control.farm import Farm
from scheduler.control.submit import submit
from scheduler.reports.formats import FORMATS, report_chunks
from scheduler.reports.html.options import HtmlOptions
from scheduler.reports.stored_evidence import evidence_from
from scheduler.store.owners import ALL_PROJECTS
from scheduler.store.queries import latest_runs, run_report, run_view
from workers.messages import CONTROL_QUEUE, control_message_bytes

log = get_logger("api")
router = APIRouter(prefix="/v1/runs", tags=["runs"])

ReportFormat = Annotated[str, Query(pattern=f"^({'|'.join(FORMATS)})$", json_schema_extra={"enum": list(FORMATS)})]
MEDIA_TYPES = sorted({entry.media_type for entry in FORMATS.values()} - {"application/json"})
RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
PROJECT = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def visible_run(run_id: str, farm: AnyFarm, caller: KeyHolder) -> RunView:
    """The run that a path names; 404 for another project's, too: a key learns nothing of those."""
    if not RUN_ID.fullmatch(run_id):
        raise Refusal(404, "run-missing", "no run has such an id")
    with farm.store.session() as session:
        view = run_view(session, run_id)
    if not caller.may_use(view.project):
        raise Refusal(404, "run-missing", f"no run {run_id}")
    return view


VisibleRun = Annotated[RunView, Depends(visible_run)]


@router.post("", status_code=201, responses=responses(400, 401, 403, 409, 413, 422))
def start_run(request: RunRequest, response: Response, farm: AnyFarm, caller: KeyHolder) -> RunView:
    """Start a run of a bundle whose blobs are all here. Bad suites are refused whole, with all their problems."""
    if not PROJECT.fullmatch(request.project):
        raise Refusal(422, "usage", "project: expected up to 100 letters, digits, dots, dashes or underscores")
    if not caller.may_use(request.project):
        raise Refusal(403, "forbidden", f"this key is for project '{caller.project}', not '{request.project}'")
    view = submit(farm, request, sender=caller.project)
    _tell_control(farm, "farm.dispatch", view.run_id)
    response.headers["Location"] = f"/v1/runs/{view.run_id}"
    return view


@router.get("", responses=responses(400, 401))
def list_runs(farm: AnyFarm, caller: KeyHolder, limit: Annotated[int, Query(ge=1, le=500)] = 20) -> list[RunView]:
    """The newest runs that the key may see."""
    project = None if caller.project == ALL_PROJECTS else caller.project
    with farm.store.session() as session:
        return latest_runs(session, limit, project=project)


@router.get("/{run_id}", responses=responses(401, 404))
def show_run(view: VisibleRun) -> RunView:
    """A run in brief."""
    return view


@router.get(
    "/{run_id}/report",
    response_model=RunReport,
    responses={200: {"content": {media_type: {} for media_type in MEDIA_TYPES}}, **responses(400, 401, 404)},
)
def report_run(view: VisibleRun, farm: AnyFarm, format: ReportFormat = "json") -> Response:
    """All that is known of a run by now, in any format."""
    with farm.store.session() as session:
        report = run_report(session, view.run_id)
    chunks = report_chunks(report, format, HtmlOptions(evidence=evidence_from(farm.blobs.get)))
    return Response(b"".join(chunks), media_type=FORMATS[format].media_type)


@router.post("/{run_id}/cancel", status_code=202, responses=responses(400, 401, 404, 413))
def cancel_run(view: VisibleRun, farm: AnyFarm, caller: KeyHolder, request: CancelRequest | None = None) -> RunView:
    """End a run early: what waits is cancelled now, what runs is ended by its worker. Asking again is harmless."""
    reason = f": {request.reason}" if request and request.reason else ""
    cancel(farm, view.run_id, f"cancelled with key {caller.key_id}{reason}")
    _tell_control(farm, "farm.aggregate", view.run_id)
    with farm.store.session() as session:
        return run_view(session, view.run_id)


def _tell_control(farm: Farm, task: str, run_id: str) -> None:
    """Wake `control`. The run is in the database: without Redis a tick does the same later."""
    try:
        farm.redis.lpush(CONTROL_QUEUE, control_message_bytes(task, [run_id]))
    except RedisError as error:
        log.warning("control.not_told", task=task, run_id=run_id, error=str(error)[:200])
