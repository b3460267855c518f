"""Owns how much of a request body the API reads: 64 MiB for a blob, 1 MiB for anything else."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scheduler.console.api.problems import problem_response

BLOB_PATH = "/v1/blobs/"
MAX_BLOB_BYTES = 64 * 1024 * 1024
MAX_BODY_BYTES = 1024 * 1024


class BodyTooLarge(Exception):
    """Raised into whoever reads a body beyond its limit."""


class BodyLimit:
    """ASGI middleware: answers 413 at once where the length is announced, and when the limit is passed otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        limit = MAX_BLOB_BYTES if scope["path"].startswith(BLOB_PATH) else MAX_BODY_BYTES
        refusal = problem_response(413, "too-large", f"at most {limit // 1024**2} MiB", headers={"Connection": "close"})
        if _announced(scope) > limit:
            return await refusal(scope, receive, send)
        try:
            return await self._app(scope, _counting(receive, limit), send)
        except BodyTooLarge:  # raised while the body is read, before any answer
            return await refusal(scope, receive, send)


def _announced(scope: Scope) -> int:
    text = Headers(scope=scope).get("content-length", "")
    return int(text) if text.isdecimal() else 0


def _counting(receive: Receive, limit: int) -> Receive:
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > limit:
            raise BodyTooLarge
        return message

    return counted
