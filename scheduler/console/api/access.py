"""Owns who may ask: the key, or a run's token, in the Authorization header, as dependencies of routes."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from scheduler.console.api.problems import Refusal
from scheduler.control.farm import Farm
from scheduler.control.tokens import check_run_token
from scheduler.operate.keys import Caller, check_key

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


def reader_of(farm: AnyFarm, credentials: Credentials) -> str:
    """Who reads a blob: the id of a key or of an open run. Refuses with 401 without either."""
    if credentials is None:
        raise _no_key(credentials)
    run_id = check_run_token(farm, credentials.credentials)
    return run_id if run_id is not None else caller_of(farm, credentials).key_id


KeyHolder = Annotated[Caller, Depends(caller_of)]
BlobReader = Annotated[str, Depends(reader_of)]


def _no_key(credentials: Credentials) -> Refusal:
    told = "this key is not known, or no longer" if credentials else "send `Authorization: Bearer <key>`"
    return Refusal(401, "key", told, {"WWW-Authenticate": "Bearer"})
