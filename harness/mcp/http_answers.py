"""Reads what comes over HTTP, a JSON body or a stream of events, and hands the messages in it to the SDK. Bounded."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import httpx

from harness.mcp.exchanges import Exchanges
from harness.mcp.findings import Findings
from harness.mcp.http_body import beginning, pieces, whole
from harness.mcp.http_refusal import EVENTS, JSON, SHOWN_BYTES, Head, refusal
from harness.mcp.incoming import RequestId
from harness.mcp.sdk import SessionMessage
from harness.mcp.sse import Event, EventReader

STREAM_MESSAGES = 4
"""All events of one answer, or of one stream of notifications, may have so many times the size of one message."""
ENDED = "its stream of events ended without an answer"
_EVENTS_PER_TURN = 64  # then other tasks of the loop run
_LINGER_S = 1.0  # for the end of a stream whose answer has come: its connection can be used again then


class Answers:
    """Of one session. `put` takes what the SDK is to see; it may wait. All raise BodyRefused and what httpx raises."""

    def __init__(
        self,
        exchanges: Exchanges,
        findings: Findings,
        limit_bytes: int,
        put: Callable[[SessionMessage | None], Awaitable[None]],
    ) -> None:
        self._exchanges = exchanges
        self._findings = findings
        self._limit_bytes = limit_bytes
        self._put = put

    async def read(self, response: httpx.Response, request_id: RequestId, reader: EventReader) -> str:
        """Deliver the answer to a request; why it is none, or empty. A stream of events is read by `reader`."""
        head = head_of(response)
        if head.is_success and head.kind == EVENTS:
            return await self._read_events(response, request_id, reader)
        if head.kind == JSON and head.status not in (202, 204):
            return await self._read_body(response, head, request_id)
        return refusal(head, await beginning(response, SHOWN_BYTES))

    async def read_on(self, response: httpx.Response, request_id: RequestId, reader: EventReader) -> str:
        """The same for a stream that ended without the answer and was opened again."""
        head = head_of(response)
        if head.is_success and head.kind == EVENTS:
            return await self._read_events(response, request_id, reader)
        reader.last_id = ""
        return f"{ENDED}, and cannot be opened again: {head.status_text}"

    async def read_unasked(self, response: httpx.Response, reader: EventReader) -> bool:
        """Deliver what a stream of notifications brings until it ends; False when the server offers none."""
        head = head_of(response)
        if not head.is_success or head.kind != EVENTS:
            if head.status != 405:
                self._findings.add("must answer GET with a stream of events, or with HTTP 405", head.status_text)
            return False
        async for event, received_at in self._events(response, reader):
            await self._deliver(event.data, received_at, None)
        if reader.too_long:
            self._findings.add(f"sent an event of more than {reader.limit_bytes} bytes by itself")
        return not reader.too_long

    async def read_receipt(self, response: httpx.Response) -> None:
        """The answer to something that is no request: it says that all is well, or is noted."""
        head = head_of(response)
        body = await beginning(response, SHOWN_BYTES)  # to its end, as a rule: the connection is used again
        if not head.is_success:
            self._findings.add("did not accept a notification or an answer", refusal(head, body))

    def new_reader(self) -> EventReader:
        """For one stream of events, or one that is opened again and again."""
        return EventReader(self._limit_bytes)

    async def _read_body(self, response: httpx.Response, head: Head, request_id: RequestId) -> str:
        body = await whole(response, self._limit_bytes)
        received_at = time.monotonic()
        if (not head.is_success and b'"jsonrpc"' not in body) or not body:
            return refusal(head, body[:SHOWN_BYTES])
        if not head.is_success:
            self._findings.add(f"sent an answer with {head.status_text}")
        await self._deliver(body, received_at, request_id)
        return "its answer is not to the request that was made"

    async def _read_events(self, response: httpx.Response, request_id: RequestId, reader: EventReader) -> str:
        """Deliver all events; the stream may end, or has a moment to do so, once the answer was among them."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None) as patience:
                async for event, received_at in self._events(response, reader):
                    await self._deliver(event.data, received_at, None)
                    if patience.when() is None and not self._exchanges.is_pending(request_id):
                        patience.reschedule(asyncio.get_running_loop().time() + _LINGER_S)
        if reader.too_long:
            return f"it sent an event of more than {reader.limit_bytes} bytes"
        return ENDED

    async def _events(self, response: httpx.Response, reader: EventReader) -> AsyncIterator[tuple[Event, float]]:
        """The messages of a stream, each with the time at which its last byte was there."""
        count = 0
        reader.begin()
        async with aclosing(pieces(response, STREAM_MESSAGES * self._limit_bytes)) as stream:
            async for piece in stream:
                received_at = time.monotonic()
                for event in reader.feed(piece):
                    count += 1
                    if count % _EVENTS_PER_TURN == 0:
                        await asyncio.sleep(0)
                    if event.kind == "message":
                        yield event, received_at
                    else:
                        self._findings.add("sent an event of a kind that the protocol does not have", event.kind)
                if reader.too_long:
                    return

    async def _deliver(self, text: bytes, received_at: float, meant_for: RequestId | None) -> None:
        if (message := self._exchanges.take(text, received_at, meant_for)) is not None:
            await self._put(message)


def head_of(response: httpx.Response) -> Head:
    """What its first lines say."""
    headers = response.headers
    return Head(
        response.status_code,
        headers.get("content-type", ""),
        headers.get("location", ""),
        headers.get("www-authenticate", ""),
    )
