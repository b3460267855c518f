"""Routes of the artefact store: blobs by digest, up and down, streamed."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import fastapi
from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from harness.errors import BlobMissing
from scheduler.console.api.access import AnyFarm, BlobReader, KeyHolder, Reader
from scheduler.console.api.limits import BLOB_PATH
from scheduler.console.api.problems import Refusal, responses
from scheduler.control.farm import Farm
from scheduler.store.owners import note_owner

router = APIRouter(prefix=BLOB_PATH.rstrip("/"), tags=["blobs"])

WRITE_BYTES = 1024 * 1024
UNCHANGING = {"Cache-Control": "private, max-age=31536000, immutable"}
Digest = Annotated[str, fastapi.Path(pattern=r"^[0-9a-f]{64}$", description="sha256 of the content, lower-case hex")]


@router.put("/{digest}", status_code=201, responses=responses(400, 401, 409, 413))
async def put_blob(digest: Digest, request: Request, farm: AnyFarm, caller: KeyHolder) -> Response:
    """Store a blob of at most 64 MiB. Its content must match the digest; storing it again is harmless.

    The key's project may read it from then on.
    """
    with _incoming(farm.blobs.root) as (path, file):
        found = await _receive(request, file)
        if found != digest:
            raise Refusal(409, "digest", f"expected sha256 {digest}, found {found}; send it again")
        await run_in_threadpool(_adopt, farm, path, digest, caller.project)
    return Response(status_code=201)


@router.get("/{digest}", response_class=FileResponse, responses=responses(400, 401, 404))
def get_blob(digest: Digest, farm: AnyFarm, reader: BlobReader) -> FileResponse:
    """A blob's content: with a key what its project has sent, with the token of an open run what belongs to the run."""
    return FileResponse(_found(farm, reader, digest), media_type="application/octet-stream", headers=UNCHANGING)


@router.head("/{digest}", response_class=Response, responses=responses(400, 401, 404))
def head_blob(digest: Digest, farm: AnyFarm, reader: BlobReader) -> Response:
    """Whether a blob is here, for who may read it."""
    return Response(headers={"Content-Length": str(_found(farm, reader, digest).stat().st_size), **UNCHANGING})


@contextmanager
def _incoming(root: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """A file for what is on its way, in the store's file system; gone at the end unless the store took it."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=root, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as file:
            yield Path(name), file
    finally:
        Path(name).unlink(missing_ok=True)


async def _receive(request: Request, file: BinaryIO) -> str:
    """Write the body to `file`; its sha256. The limit of its size is the middleware's."""
    digest, waiting = hashlib.sha256(), bytearray()
    async for chunk in request.stream():
        waiting += chunk
        if len(waiting) >= WRITE_BYTES:
            await run_in_threadpool(_write, file, digest, bytes(waiting))
            waiting.clear()
    await run_in_threadpool(_write, file, digest, bytes(waiting))
    return digest.hexdigest()


def _write(file: BinaryIO, digest: "hashlib._Hash", content: bytes) -> None:
    digest.update(content)
    file.write(content)
    file.flush()


def _adopt(farm: Farm, path: Path, digest: str, project: str) -> None:
    farm.blobs.adopt(path, digest)
    with farm.store.writing() as session:
        note_owner(session, project, digest)


def _found(farm: Farm, reader: Reader, digest: str) -> Path:
    """The blob's file; 404 for what the reader may not read, too: nobody learns what others have sent."""
    refusal = Refusal(404, "blob-missing", f"no blob {digest}")
    if not reader.may_read(farm, digest):
        raise refusal
    try:
        return farm.blobs.path(digest)
    except BlobMissing as missing:
        raise refusal from missing
