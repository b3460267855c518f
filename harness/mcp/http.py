"""Our streamable HTTP transport: each request is a POST, its answer one JSON body or a stream of events.

Specification: https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http

Redirects are not followed, no proxy is asked, nothing is read beyond its bound. Stamps are taken in this process, as
close to the socket as httpx lets us: just before the body of a request is written, and when a chunk of an answer was
read. A connection that breaks, or a session that the server ends, loses this wire: the next test gets another session.
"""

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
import httpx

from harness.containment.kept import KeptServer, Line
from harness.mcp.elsewhere import Elsewhere
from harness.mcp.endpoint import Endpoint
from harness.mcp.exchanges import Exchange, Exchanges
from harness.mcp.findings import Findings
from harness.mcp.http_answers import Answers
from harness.mcp.http_body import ACCEPTED_ENCODINGS, BodyRefused
from harness.mcp.http_client import new_client, problem_text, was_lost
from harness.mcp.http_refusal import EVENTS, JSON
from harness.mcp.incoming import RequestId
from harness.mcp.sdk import HANDSHAKE_PROTOCOL_VERSIONS, SessionMessage, types
from harness.mcp.sse import EventReader
from harness.mcp.streams import Incoming, Outgoing
from harness.mcp.wire import Process

INITIALIZED = "notifications/initialized"
MAX_REOPENED = 100
MAX_RESUMED = 20
_QUEUED = 16
_NOTIFY_S, _FAREWELL_S, _DEATH_S = 10.0, 2.0, 0.3
_MAX_SESSION_ID = 1024
_SESSION, _REVISION, _LAST_EVENT = "mcp-session-id", "mcp-protocol-version", "last-event-id"


class HttpWire:
    """The Wire of a server that is reached over HTTP. `kept` is its process where it is ours to end."""

    def __init__(self, endpoint: Endpoint, kept: KeptServer | None, findings: Findings) -> None:
        self.noun = "server" if kept else "connection"
        self.process: Process = kept or Elsewhere()
        self.fault = ""
        self.lost = asyncio.Event()
        self.exchanges = Exchanges(findings, lambda exchange: exchange.written_at, "sent what is not JSON-RPC")
        self.incoming = Incoming(self._receive)
        self.outgoing = Outgoing(self._send)
        self._endpoint = endpoint
        self._kept = kept
        self._findings = findings
        self._client = new_client(endpoint)
        self._first: Exchange | None = None
        self._headers: dict[str, str] = {}
        self._queue: asyncio.Queue[SessionMessage | None] = asyncio.Queue(_QUEUED)
        self._answers = Answers(self.exchanges, findings, endpoint.max_message_bytes, self._queue.put)
        self._tasks: set[asyncio.Task[None]] = set()
        self._why = ""
        self._leaving: asyncio.Task[None] | None = None
        self._following = self._start(self._follow(kept)) if kept else None

    @property
    def alive(self) -> bool:
        """Whether messages can be sent."""
        return self._leaving is None and not self.lost.is_set() and self.process.alive

    @property
    def ending(self) -> str:
        """How it ended, as one phrase; empty while it lives."""
        return self.process.exit_text or self._why

    def close(self) -> None:
        """Tell the server that the session is over, then end its process if it is ours; never waits."""
        self._leave(_SESSION in self._headers)

    def kill(self) -> None:
        """End the server now if it is ours, else the session; never waits."""
        if self._kept:
            self._kept.kill()
        self._leave(_SESSION in self._headers and self._kept is None)

    async def wait_ended(self, timeout_s: float) -> bool:
        """Wait until nothing of it is left; False when that takes longer."""
        deadline = time.monotonic() + timeout_s
        if self._leaving is not None:
            await asyncio.wait([self._leaving], timeout=timeout_s)
        if self._kept is None:
            return self._leaving is None or self._leaving.done()
        return await self._kept.wait_ended(max(0.0, deadline - time.monotonic()))

    # -- what the SDK sees

    async def _send(self, message: types.JSONRPCMessage) -> None:
        if not self.alive:
            raise anyio.ClosedResourceError
        if isinstance(message, types.JSONRPCRequest):
            exchange = self.exchanges.register(message)
            self._first = self._first or exchange
            self._start(self._request(message, exchange))
            return
        is_initialized = isinstance(message, types.JSONRPCNotification) and message.method == INITIALIZED
        if is_initialized:
            self._remember_revision()
        await self._tell(message)
        if is_initialized:
            self._start(self._listen())

    async def _receive(self) -> SessionMessage | None:
        message = await self._queue.get()
        if message is None:
            self.exchanges.forget()
        return message

    # -- requests

    async def _request(self, request: types.JSONRPCRequest, exchange: Exchange) -> None:
        """One POST, until its answer is there, or there will be none."""
        fault, reader = "", self._answers.new_reader()
        try:
            async with self._stream("POST", request, exchange) as response:
                fault = await self._read_answer(response, request, reader)
            for _ in range(MAX_RESUMED):
                if reader.too_long or not reader.last_id or not self.exchanges.is_pending(request.id):
                    break
                fault = await self._resume(request.id, reader)
        except httpx.HTTPError as problem:
            fault = await self._broken(problem, exchange)
        except BodyRefused as problem:
            fault = str(problem)
        if (ended := self.exchanges.fail(request.id, fault)) is not None:
            await self._queue.put(ended)

    async def _resume(self, request_id: RequestId, reader: EventReader) -> str:
        """Go on where a stream ended that told the ids of its events: servers may let clients come back for answers."""
        await asyncio.sleep(reader.retry_s)
        async with self._stream("GET", headers={_LAST_EVENT: reader.last_id}) as response:
            return await self._answers.read_on(response, request_id, reader)

    async def _read_answer(self, response: httpx.Response, request: types.JSONRPCRequest, reader: EventReader) -> str:
        """Deliver the answer; why it is none, or empty."""
        if response.status_code == 404 and _SESSION in self._headers:
            self._end("it no longer knows its session: HTTP 404 Not Found")
            return ""
        if request.method == "initialize" and (fault := self._remember_session(response)):
            return fault
        return await self._answers.read(response, request.id, reader)

    # -- what is said unasked

    async def _tell(self, message: types.JSONRPCMessage) -> None:
        """A notification, or an answer to the server: it is accepted, or that it is not is noted."""
        try:
            async with asyncio.timeout(_NOTIFY_S), self._stream("POST", message) as response:
                await self._answers.read_receipt(response)
        except TimeoutError:
            self._findings.add(f"did not accept a notification or an answer within {_NOTIFY_S:g} s")
        except httpx.HTTPError as problem:
            if fault := await self._broken(problem, Exchange("")):
                self._findings.add("did not accept a notification or an answer", fault)

    async def _listen(self) -> None:
        """The stream of what the server says by itself, where it offers one; opened again when it ends."""
        reader = self._answers.new_reader()
        for _ in range(MAX_REOPENED):
            try:
                last = {_LAST_EVENT: reader.last_id} if reader.last_id else {}
                async with self._stream("GET", headers=last) as response:
                    if not await self._answers.read_unasked(response, reader):
                        return
            except (httpx.HTTPError, BodyRefused) as problem:
                self._findings.add("its stream of notifications broke", problem_text(problem, self._endpoint))
            await asyncio.sleep(reader.retry_s)

    # -- HTTP

    def _stream(
        self,
        method: str,
        message: types.JSONRPCMessage | None = None,
        exchange: Exchange | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AbstractAsyncContextManager[httpx.Response]:
        """One HTTP request, its answer unread. The moment at which its body is written is kept in `exchange`."""

        async def trace(event: str, _: Mapping[str, Any]) -> None:
            if event == "http11.send_request_body.started" and exchange is not None:
                exchange.written_at = time.monotonic()

        content = None if message is None else message.model_dump_json(by_alias=True, exclude_unset=True).encode()
        fixed = {"accept-encoding": ACCEPTED_ENCODINGS, "accept": EVENTS if content is None else f"{JSON}, {EVENTS}"}
        if content is not None:
            fixed["content-type"] = JSON
        return self._client.stream(
            method,
            self._endpoint.url,
            content=content,
            headers={**self._endpoint.headers, **fixed, **self._headers, **(headers or {})},
            extensions={"trace": trace},
        )

    def _remember_session(self, response: httpx.Response) -> str:
        """Keep the session's id; why it cannot be one, or empty."""
        found = response.headers.get(_SESSION, "")
        if not found:
            return ""
        if len(found) > _MAX_SESSION_ID or not all("!" <= character <= "~" for character in found):
            return "its session id is longer than 1024 characters, or has others than visible ASCII"
        self._headers[_SESSION] = found
        return ""

    def _remember_revision(self) -> None:
        """What initialize settled is said with all that comes later."""
        reply = self._first.reply if self._first else None
        if isinstance(reply, types.JSONRPCResponse):
            chosen = reply.result.get("protocolVersion")
            if chosen in HANDSHAKE_PROTOCOL_VERSIONS:
                self._headers[_REVISION] = chosen

    async def _broken(self, problem: httpx.HTTPError, exchange: Exchange) -> str:
        """What a failed HTTP exchange means: a fault of one answer, or, with an empty text, the end of this wire."""
        if not was_lost(problem):
            return problem_text(problem, self._endpoint)
        exchange.unsent = exchange.written_at is None
        if self._following is not None:
            await asyncio.wait([self._following], timeout=_DEATH_S)  # why it broke is likely to be known soon
        self._end(problem_text(problem, self._endpoint))
        return ""

    # -- beginning and ending of what runs beside

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            self._findings.add("its transport broke down", repr(problem))
            self._end("its transport broke down")

    async def _follow(self, kept: KeptServer) -> None:
        """Read what our server writes to its standard streams, which is its log here, until it ends."""
        while (said := await kept.receive()) is not None:
            if not isinstance(said, Line):
                self.fault = f"the server was ended: {said.message}"
        self._end(kept.exit_text)

    def _end(self, why: str) -> None:
        if not self.lost.is_set():
            self._why = why
            self.lost.set()
            if self._queue.full():
                self._queue.get_nowait()
            self._queue.put_nowait(None)

    def _leave(self, says_goodbye: bool) -> None:
        if self._leaving is None:
            self._end("")
            self._leaving = asyncio.create_task(self._farewell(says_goodbye))

    async def _farewell(self, says_goodbye: bool) -> None:
        others = [task for task in self._tasks if task is not self._following]
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others)
        if says_goodbye:
            with contextlib.suppress(httpx.HTTPError, TimeoutError):
                async with asyncio.timeout(_FAREWELL_S), self._stream("DELETE"):
                    pass
        await self._client.aclose()
        if self._kept:
            self._kept.close()
