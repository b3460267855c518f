"""What a farm answers, as our models and our errors. Pure: knows no connection."""

from typing import Any, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from harness.errors import (
    FarmRefused,
    FarmUnreachable,
    NoSuchTest,
    NothingSelected,
    Problem,
    RunMissing,
    SuiteErrors,
    UsageError,
)

MAX_ANSWER_BYTES = 512 * 1024 * 1024
AWAY = frozenset({502, 503, 504})
"""Answers that mean: ask again in a moment."""

Model = TypeVar("Model")


def checked(answer: httpx.Response) -> httpx.Response:
    """`answer`, unless it is a refusal: then the error that says so."""
    if answer.is_success:
        return answer
    raise _refusal(answer.status_code, _problem_body(answer))


def parsed(model: TypeAdapter[Model], answer: httpx.Response) -> Model:
    """The answer's body. FarmUnreachable when it is something else."""
    if len(answer.content) > MAX_ANSWER_BYTES:
        raise FarmUnreachable("the farm's answer is larger than 512 MiB")
    try:
        return model.validate_json(answer.content)
    except ValidationError as error:
        raise FarmUnreachable(f"what answers is not a farm: {error.errors()[0]['msg']}") from error


def _problem_body(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"detail": answer.reason_phrase}


def _refusal(status: int, body: dict[str, Any]) -> Exception:
    """RFC 9457 problem details as one of our errors."""
    detail = str(body.get("detail") or body.get("title") or "no reason given")
    problems = body.get("problems")
    if isinstance(problems, list) and problems:
        return SuiteErrors(tuple(_problem(entry) for entry in problems if isinstance(entry, dict)))
    if str(body.get("type", "")).endswith("nothing-selected"):
        return NothingSelected(detail)
    if str(body.get("type", "")).endswith("run-missing"):
        return RunMissing(detail)
    if str(body.get("type", "")).endswith("no-such-test"):
        return NoSuchTest(detail)
    if status in AWAY:
        return FarmUnreachable(f"the farm is not ready ({status}): {detail}")
    if status == httpx.codes.UNAUTHORIZED:
        return FarmRefused(f"the farm does not accept the key: {detail}; pass --key or set MCPF_KEY", status)
    if status in (httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY):
        return UsageError(f"the farm refuses the request: {detail}")
    return FarmRefused(f"the farm answers {status}: {detail}", status)


def _problem(entry: dict[str, Any]) -> Problem:
    return Problem(
        file=str(entry.get("file", "")),
        line=_number(entry.get("line")),
        column=_number(entry.get("column")),
        message=str(entry.get("message", "")),
        hint=str(entry.get("hint", "")),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
