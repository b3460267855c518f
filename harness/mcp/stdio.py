"""Our stdio transport under the SDK's session: the two streams it wants, over a kept server.

Writing never waits (the keeper queues), so nothing in the SDK can hang on a server that does not read. Reading looks
at every line before the SDK does: it notes noise, wrong ids and floods, keeps each answer as the server sent it with
the keeper's stamps, and makes an unreadable answer fail its call at once, where the SDK would let it time out.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self

import anyio

from harness.containment.kept import Fault, KeptServer, Line
from harness.mcp.findings import Findings, shown
from harness.mcp.incoming import RequestId, Unreadable, read_line
from harness.mcp.sdk import SessionMessage, types

UNASKED_LIMIT = 1000  # notifications and requests that reach the SDK during one call; the rest are counted
_LINES_PER_TURN = 64  # then other tasks of the loop run
_FAULT = types.ErrorData(code=types.INTERNAL_ERROR, message="protocol fault")  # what the SDK sees of it


class Exchange:
    """One request of ours and what came of it. Stamps are seconds on CLOCK_MONOTONIC, taken by the keeper."""

    __slots__ = (
        "asked_at",
        "delivered_at",
        "fault",
        "method",
        "received_at",
        "reply",
        "size_bytes",
        "ticket",
        "written_at",
    )

    def __init__(self, method: str) -> None:
        self.method = method
        self.asked_at = time.monotonic()
        self.ticket = 0
        self.written_at: float | None = None
        self.received_at: float | None = None
        self.delivered_at: float | None = None
        self.reply: types.JSONRPCResponse | types.JSONRPCError | None = None
        self.size_bytes = 0
        self.fault = ""

    @property
    def server_s(self) -> float | None:
        """Seconds from the last byte of the request written to the answer received."""
        if self.written_at is None or self.received_at is None:
            return None
        return max(0.0, self.received_at - self.written_at)

    @property
    def our_delay_s(self) -> float:
        """The longer of the two waits on our side: request made → written, answer received → seen."""
        if self.written_at is None or self.received_at is None or self.delivered_at is None:
            return 0.0
        return max(0.0, self.written_at - self.asked_at, self.delivered_at - self.received_at)


ASKING: ContextVar[Exchange | None] = ContextVar("ASKING", default=None)
"""The exchange that a request sent by this task belongs to."""


class StdioWire:
    """What both streams of one session share."""

    def __init__(self, kept: KeptServer, findings: Findings) -> None:
        self.kept = kept
        self.fault = ""
        self.lost = asyncio.Event()
        self.incoming = Incoming(self)
        self.outgoing = Outgoing(self)
        self._findings = findings
        self._pending: dict[RequestId, Exchange] = {}
        self._last_id: RequestId = 0
        self._tickets = 0
        self._unasked = 0
        self._listeners: list[tuple[str, asyncio.Queue[Mapping[str, Any]]]] = []

    @contextmanager
    def listening(self, method: str) -> "Iterator[asyncio.Queue[Mapping[str, Any]]]":
        """The params of the notifications of a method that come meanwhile, 1,000 at most."""
        listener = (method, asyncio.Queue[Mapping[str, Any]](UNASKED_LIMIT))
        self._listeners.append(listener)
        try:
            yield listener[1]
        finally:
            self._listeners.remove(listener)

    def send(self, message: types.JSONRPCMessage) -> None:
        """Queue `message` for the server; a request is remembered until it is answered."""
        ticket = self._register(message) if isinstance(message, types.JSONRPCRequest) else 0
        line = message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
        self.kept.send(line, ticket)

    def take(self, said: Line | Fault) -> SessionMessage | None:
        """What the SDK is to know of something the server said; None when that is nothing."""
        if isinstance(said, Fault):
            self.fault = f"the server was ended: {said.message}"
            return None
        message = read_line(said.text)
        if isinstance(message, Unreadable):
            return self._unreadable(message, said)
        if isinstance(message, types.JSONRPCResponse | types.JSONRPCError):
            return self._answer(message, said)
        return self._unasked_for(message)

    def end(self) -> None:
        """The server is gone and all it said was read."""
        self._pending.clear()
        self.lost.set()

    def _register(self, request: types.JSONRPCRequest) -> int:
        exchange = ASKING.get() or Exchange(request.method)
        self._tickets += 1
        exchange.ticket = self._tickets
        self._pending[request.id] = exchange
        self._last_id = request.id
        self._unasked = 0
        return exchange.ticket

    def _answer(self, reply: types.JSONRPCResponse | types.JSONRPCError, line: Line) -> SessionMessage | None:
        request_id = self._pending_id(reply.id)
        if request_id is None:
            self._note_stray(reply)
            return None
        exchange = self._settle(request_id, line)
        exchange.reply = reply
        if reply.id is None and isinstance(reply, types.JSONRPCError):
            exchange.fault = f"it answered with an error that names no request: {reply.error.message}"
        return SessionMessage(_for_the_sdk(reply, request_id))

    def _pending_id(self, answered: RequestId | None) -> RequestId | None:
        """The request that an answer with the id `answered` is for. Without an id: the only one there is."""
        if answered is None:
            return next(iter(self._pending)) if len(self._pending) == 1 else None
        if answered in self._pending:
            return answered
        as_number = int(answered) if isinstance(answered, str) and answered.isascii() and answered.isdigit() else None
        if as_number in self._pending:
            self._findings.add("answered with the id as a string", repr(answered))
            return as_number
        return None

    def _settle(self, request_id: RequestId, line: Line) -> Exchange:
        exchange = self._pending.pop(request_id)
        exchange.written_at = self.kept.written_at(exchange.ticket)
        exchange.received_at = line.received_at
        exchange.delivered_at = time.monotonic()
        exchange.size_bytes = len(line.text)
        return exchange

    def _note_stray(self, reply: types.JSONRPCResponse | types.JSONRPCError) -> None:
        if reply.id is None:
            self._findings.add("sent an error that names no request", str(getattr(reply, "error", "")))
        elif isinstance(reply.id, int) and isinstance(self._last_id, int) and 0 < reply.id <= self._last_id:
            self._findings.add("answered a request more than once", f"id {reply.id}")
        else:
            self._findings.add("answered with an id that was never asked", repr(reply.id))

    def _unreadable(self, found: Unreadable, line: Line) -> SessionMessage | None:
        ids = {pending for found_id in found.ids if (pending := self._pending_id(found_id)) is not None}
        if len(ids) != 1:
            self._findings.add_line("wrote to stdout what is not JSON-RPC", line.text, found.reason)
            return None
        request_id = ids.pop()
        exchange = self._settle(request_id, line)
        exchange.fault = f"its answer is not valid: {found.reason}; it begins with {shown(line.text)}"
        return SessionMessage(types.JSONRPCError(jsonrpc="2.0", id=request_id, error=_FAULT))

    def _unasked_for(self, message: types.JSONRPCRequest | types.JSONRPCNotification) -> SessionMessage | None:
        self._unasked += 1
        for method, heard in self._listeners:
            if message.method == method and not heard.full():
                heard.put_nowait(dict(message.params or {}))
        if self._unasked <= UNASKED_LIMIT:
            return SessionMessage(message)
        self._findings.add(f"more than {UNASKED_LIMIT} notifications or requests during one call", message.method)
        return None


def _for_the_sdk(
    reply: types.JSONRPCResponse | types.JSONRPCError, request_id: RequestId
) -> types.JSONRPCResponse | types.JSONRPCError:
    """A copy under the id that was asked with: the SDK changes results in place."""
    if isinstance(reply, types.JSONRPCResponse):
        return types.JSONRPCResponse.model_construct(jsonrpc="2.0", id=request_id, result=dict(reply.result))
    return reply.model_copy(update={"id": request_id})


class Incoming:
    """The read stream of the SDK."""

    def __init__(self, wire: StdioWire) -> None:
        self._wire = wire
        self._lines = 0

    async def receive(self) -> SessionMessage | Exception:
        """The next message. Raises anyio.EndOfStream when the server is gone."""
        while (said := await self._wire.kept.receive()) is not None:
            self._lines += 1
            if self._lines % _LINES_PER_TURN == 0:
                await asyncio.sleep(0)
            if (message := self._wire.take(said)) is not None:
                return message
        self._wire.end()
        raise anyio.EndOfStream

    async def aclose(self) -> None:
        """Nothing to close: the session closes the server."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class Outgoing:
    """The write stream of the SDK."""

    def __init__(self, wire: StdioWire) -> None:
        self._wire = wire

    async def send(self, item: SessionMessage, /) -> None:
        """Queue a message. Raises anyio.ClosedResourceError when the server is gone."""
        if not self._wire.kept.alive:
            raise anyio.ClosedResourceError
        self._wire.send(item.message)

    async def aclose(self) -> None:
        """Nothing to close: the session closes the server."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
