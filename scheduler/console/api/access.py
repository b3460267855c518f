"""Owns who may ask: the key, or a run's token, in the Authorization header, as dependencies of routes."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from scheduler.console.api.problems import Refusal
from scheduler.control.farm import Farm
from scheduler.control.reading import run_may_read
from scheduler.control.tokens import check_run_token
from scheduler.operate.keys import Caller, check_key
from scheduler.store.owners import held_by

_bearer = HTTPBearer(auto_error=False, description="an API key; blobs may be read with a run's token, too")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def farm_of(request: Request) -> Farm:
    """The farm that this process serves."""
    farm: Farm = request.app.state.farm
    return farm


AnyFarm = Annotated[Farm, Depends(farm_of)]


def caller_of(farm: AnyFarm, credentials: Credentials) -> Caller:
    """Who asks. Refuses with 401 without a good key."""
    caller = check_key(farm.store, credentials.credentials) if credentials else None
    if caller is None:
        raise _no_key(credentials)
    return caller


@dataclass(frozen=True)
class KeyReader:
    """Reads what its project has sent."""

    project: str

    def may_read(self, farm: Farm, digest: str) -> bool:
        """Whether the blob is for this reader."""
        with farm.store.session() as session:
            return digest in held_by(session, self.project, [digest])


@dataclass(frozen=True)
class RunReader:
    """Reads what belongs to its run."""

    run_id: str

    def may_read(self, farm: Farm, digest: str) -> bool:
        """Whether the blob is for this reader."""
        return run_may_read(farm, self.run_id, digest)


Reader = KeyReader | RunReader


def reader_of(farm: AnyFarm, credentials: Credentials) -> Reader:
    """Who reads a blob: a project by its key, or an open run by its token. Refuses with 401 without either."""
    if credentials is None:
        raise _no_key(credentials)
    run_id = check_run_token(farm, credentials.credentials)
    return RunReader(run_id) if run_id is not None else KeyReader(caller_of(farm, credentials).project)


def open_run_of(run_id: str, farm: AnyFarm, credentials: Credentials) -> str:
    """The open run of the path, by its token. Refuses with 401 any key, and the token of another run."""
    if credentials is None or check_run_token(farm, credentials.credentials) != run_id:
        raise _no_token()
    return run_id


KeyHolder = Annotated[Caller, Depends(caller_of)]
BlobReader = Annotated[Reader, Depends(reader_of)]
OpenRun = Annotated[str, Depends(open_run_of)]


def _no_key(credentials: Credentials) -> Refusal:
    told = "this key is not known, or no longer" if credentials else "send `Authorization: Bearer <key>`"
    return Refusal(401, "key", told, {"WWW-Authenticate": "Bearer"})


def _no_token() -> Refusal:
    told = "this takes the token of the run, while it is open"
    return Refusal(401, "key", told, {"WWW-Authenticate": "Bearer"})
