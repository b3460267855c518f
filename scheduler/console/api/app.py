"""Puts the API together: routes, access, limits, refusals. HTTP is known here and in this package only."""

from threading import Event
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from starlette.requests import ClientDisconnect

from harness.version import VERSION
from scheduler.console.api import blobs, events, evidence, health, looking_back, looks, runs
from scheduler.console.api.access import caller_of
from scheduler.console.api.limits import BodyLimit
from scheduler.console.api.problems import ProblemDetails, install
from scheduler.control.farm import Farm

DESCRIPTION = "Test MCP servers, one or hundreds, on many workers: files up, a run in, its events and report back."


def create_app(farm: Farm) -> FastAPI:
    """The API of `farm`. The caller opens and closes the farm, and sets `app.state.closing` when it is about to."""
    app = FastAPI(
        title="MCP test farm",
        version=VERSION,
        description=DESCRIPTION,
        openapi_url=None,  # told to key holders only, and committed as docs/openapi.json
        docs_url=None,
        redoc_url=None,
    )
    app.state.farm = farm
    app.state.closing = Event()
    app.add_middleware(BodyLimit)
    install(app)
    app.add_exception_handler(ClientDisconnect, _nobody_listens)
    for router in (
        health.router,
        blobs.router,
        evidence.router,
        runs.router,
        events.router,
        looks.router,
        looking_back.router,
        _document(app),
    ):
        app.include_router(router)
    return app


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the model of refusals in it."""
    document = app.openapi()
    schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = document["components"]["schemas"]
    parts.update(schema.pop("$defs", {}))
    parts["ProblemDetails"] = schema
    return document


async def _nobody_listens(_request: Request, _error: Exception) -> Response:
    """The client hung up while its body was read: it is no fault of ours, and nobody reads this answer."""
    return Response(status_code=400)


def _document(app: FastAPI) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["about"])

    @router.get("/openapi.json", include_in_schema=False, dependencies=[Depends(caller_of)])
    def openapi() -> dict[str, Any]:
        return openapi_document(app)

    return router
