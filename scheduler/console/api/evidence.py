"""The route by which workers hand in what attempts leave behind: bound to one open run, and to its budget."""

import hashlib

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from scheduler.console.api.access import AnyFarm, OpenRun
from scheduler.console.api.blobs import Digest
from scheduler.console.api.problems import Refusal, responses
from scheduler.control.farm import Farm
from scheduler.store.owners import note_owner
from scheduler.store.run_blobs import blob_bytes, has_blob, note_blob
from scheduler.store.tables import Run

router = APIRouter(prefix="/v1/runs", tags=["workers"])


@router.put("/{run_id}/evidence/{digest}", status_code=201, responses=responses(400, 401, 409, 413))
async def put_evidence(run_id: str, digest: Digest, request: Request, farm: AnyFarm, run: OpenRun) -> Response:
    """Keep a blob of at most 1 MiB with an open run, whose token the caller holds; storing it again is harmless.

    Its content must match the digest. All of a run together is bounded (`evidence_run_mb`): 413 beyond that. Keys of
    the run's project read it as any blob.
    """
    content = await request.body()
    found = hashlib.sha256(content).hexdigest()
    if found != digest:
        raise Refusal(409, "digest", f"expected sha256 {digest}, found {found}; send it again")
    await run_in_threadpool(_keep, farm, run, digest, content)
    return Response(status_code=201)


def _keep(farm: Farm, run_id: str, digest: str, content: bytes) -> None:
    """First the blob, then its row: a row never names what is not there."""
    limit_mb = farm.settings.evidence_run_mb
    with farm.store.session() as session:
        if has_blob(session, run_id, digest):
            return
        if blob_bytes(session, run_id) + len(content) > limit_mb * 1024**2:
            raise Refusal(413, "too-large", f"at most {limit_mb} MiB are kept of one run")
    farm.blobs.put(content, digest)
    with farm.store.writing() as session:
        run = session.get_one(Run, run_id)
        note_blob(session, run_id, digest, len(content))
        note_owner(session, run.project, digest)
