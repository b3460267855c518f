"""Owns what the API answers when it refuses: RFC 9457 problem details, and the one table from errors to HTTP codes."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from harness.errors import (
    BlobMissing,
    FarmError,
    FarmUnreachable,
    NoSuchTest,
    NothingSelected,
    RunMissing,
    SuiteErrors,
    UsageError,
)
from harness.log import get_logger

log = get_logger("api")

MEDIA_TYPE = "application/problem+json"
MAX_PROBLEMS = 200


class ProblemPlace(BaseModel):
    """One problem of a suite file, or of the request itself."""

    file: str = ""
    line: int = Field(default=0, description="from 1; 0: not in a file")
    column: int = 0
    message: str
    hint: str = ""


class ProblemDetails(BaseModel):
    """RFC 9457. `type` ends in a word that a program may rely on; `detail` is for people."""

    type: str = Field(examples=["/problems/nothing-selected"])
    title: str
    status: int
    detail: str
    problems: tuple[ProblemPlace, ...] = Field(default=(), description="of suite files: all of them, in file order")


class Refusal(Exception):
    """Raised by routes to refuse a request."""

    def __init__(self, status: int, word: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.word, self.detail, self.headers = status, word, detail, headers


KINDS: tuple[tuple[type[Exception], int, str], ...] = (
    (SuiteErrors, 422, "suite-errors"),
    (NothingSelected, 422, "nothing-selected"),
    (RunMissing, 404, "run-missing"),
    (NoSuchTest, 404, "no-such-test"),
    (UsageError, 422, "usage"),
    (BlobMissing, 409, "blob-missing"),
    (FarmUnreachable, 503, "unreachable"),
    (RedisError, 503, "unreachable"),
    (OperationalError, 503, "unreachable"),
    (FarmError, 500, "farm"),
)
"""The first row that fits decides."""

TITLES = {
    "suite-errors": "The suites have problems",
    "nothing-selected": "The selection leaves no test",
    "run-missing": "No such run",
    "no-such-test": "No such test in the run",
    "usage": "The request cannot be obeyed",
    "blob-missing": "A file of the bundle is not here",
    "unreachable": "A part of the farm does not answer",
    "farm": "The farm failed",
    "key": "No valid key",
    "forbidden": "The key does not reach this",
    "too-large": "The body is too large",
    "digest": "The content does not match its digest",
    "http": "The request is refused",
    "bug": "The farm has a bug",
}


def problem_response(
    status: int,
    word: str,
    detail: str,
    *,
    problems: tuple[ProblemPlace, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A refusal as an answer."""
    body = ProblemDetails(
        type=f"/problems/{word}", title=TITLES[word], status=status, detail=detail, problems=problems[:MAX_PROBLEMS]
    )
    return JSONResponse(
        body.model_dump(mode="json"), status, headers=dict(headers) if headers else None, media_type=MEDIA_TYPE
    )


def install(app: FastAPI) -> None:
    """Make every error that a route lets out an answer of this form."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind in (FarmError, RedisError, OperationalError):
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(Exception, _bug)


def responses(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may refuse with `codes`: for the OpenAPI document."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {code: {"description": "Refused", "content": {MEDIA_TYPE: {"schema": schema}}} for code in codes}


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    return problem_response(error.status, error.word, error.detail, headers=error.headers)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem_response(error.status_code, "http", str(error.detail), headers=error.headers)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    places = tuple(
        ProblemPlace(message=f"{'.'.join(map(str, one['loc']))}: {one['msg']}"[:300]) for one in error.errors()
    )
    return problem_response(400, "usage", "; ".join(place.message for place in places[:5]))


async def _known(_request: Request, error: Exception) -> JSONResponse:
    status, word = next((status, word) for kind, status, word in KINDS if isinstance(error, kind))
    if status >= 500:
        log.error("refused", status=status, error=str(error)[:500])
    places = _places(error) if isinstance(error, SuiteErrors) else ()
    return problem_response(status, word, _detail(error, status), problems=places)


async def _bug(_request: Request, error: Exception) -> JSONResponse:
    return problem_response(500, "bug", f"{type(error).__name__}; the farm's log has the rest")


def _places(error: SuiteErrors) -> tuple[ProblemPlace, ...]:
    return tuple(ProblemPlace(**asdict(problem)) for problem in error.problems)


def _detail(error: Exception, status: int) -> str:
    """Our own words; of a database or Redis that fails only that it does, for its words may name addresses."""
    if isinstance(error, SuiteErrors):
        return f"{len(error.problems)} problem{'s' if len(error.problems) != 1 else ''}, nothing was started"
    return str(error) if isinstance(error, FarmError) and status != 503 else "try again in a moment"
