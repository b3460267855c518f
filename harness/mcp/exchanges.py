"""Requests of ours under way, and what the server's messages make of them: the same over every transport.

Looks at every message before the SDK does: it notes noise, wrong ids and floods, keeps each answer as the server sent
it with its stamps, and makes an unreadable answer fail its call at once, where the SDK would let it time out.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from harness.mcp.findings import Findings, shown
from harness.mcp.incoming import RequestId, Unreadable, read_line
from harness.mcp.sdk import SessionMessage, types

UNASKED_LIMIT = 1000  # notifications and requests that reach the SDK during one call; the rest are counted
_FAULT = types.ErrorData(code=types.INTERNAL_ERROR, message="protocol fault")  # what the SDK sees of it


class Exchange:
    """One request of ours and what came of it. Stamps are seconds on CLOCK_MONOTONIC, taken by the transport."""

    __slots__ = (
        "asked_at",
        "delivered_at",
        "fault",
        "method",
        "received_at",
        "reply",
        "size_bytes",
        "ticket",
        "unsent",
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
        self.unsent = False

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


class Exchanges:
    """All exchanges of one session. `written_at` tells when the request of one was written, once its answer came."""

    def __init__(self, findings: Findings, written_at: Callable[[Exchange], float | None], noise: str) -> None:
        self._findings = findings
        self._written_at = written_at
        self._noise = noise
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

    def register(self, request: types.JSONRPCRequest) -> Exchange:
        """Remember a request that is about to be written until it is answered."""
        exchange = ASKING.get() or Exchange(request.method)
        self._tickets += 1
        exchange.ticket = self._tickets
        self._pending[request.id] = exchange
        self._last_id = request.id
        self._unasked = 0
        return exchange

    def is_pending(self, request_id: RequestId) -> bool:
        """Whether a request still waits for its answer."""
        return request_id in self._pending

    def take(self, text: bytes, received_at: float, meant_for: RequestId | None = None) -> SessionMessage | None:
        """What the SDK is to know of something the server said; None when that is nothing.

        `meant_for`: the request that it answers if it is an answer at all and does not say to which.
        """
        message = read_line(text)
        if isinstance(message, Unreadable):
            known = message.ids or (() if meant_for is None else (meant_for,))
            return self._unreadable(Unreadable(message.reason, known), text, received_at)
        if isinstance(message, types.JSONRPCResponse | types.JSONRPCError):
            return self._answer(message, text, received_at, meant_for)
        return self._unasked_for(message)

    def fail(self, request_id: RequestId, fault: str) -> SessionMessage | None:
        """End a request that will not be answered. With a `fault` it is a protocol fault, else its session is lost."""
        exchange = self._pending.pop(request_id, None)
        if exchange is None:
            return None
        exchange.fault = fault
        return SessionMessage(types.JSONRPCError(jsonrpc="2.0", id=request_id, error=_FAULT))

    def forget(self) -> None:
        """Nothing that is pending will be answered."""
        self._pending.clear()

    def _answer(
        self,
        reply: types.JSONRPCResponse | types.JSONRPCError,
        text: bytes,
        received_at: float,
        meant_for: RequestId | None,
    ) -> SessionMessage | None:
        request_id = self._pending_id(meant_for if reply.id is None else reply.id)
        if request_id is None:
            self._note_stray(reply)
            return None
        exchange = self._settle(request_id, text, received_at)
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

    def _settle(self, request_id: RequestId, text: bytes, received_at: float) -> Exchange:
        exchange = self._pending.pop(request_id)
        exchange.written_at = self._written_at(exchange)
        exchange.received_at = received_at
        exchange.delivered_at = time.monotonic()
        exchange.size_bytes = len(text)
        return exchange

    def _note_stray(self, reply: types.JSONRPCResponse | types.JSONRPCError) -> None:
        if reply.id is None:
            self._findings.add("sent an error that names no request", str(getattr(reply, "error", "")))
        elif isinstance(reply.id, int) and isinstance(self._last_id, int) and 0 < reply.id <= self._last_id:
            self._findings.add("answered a request more than once", f"id {reply.id}")
        else:
            self._findings.add("answered with an id that was never asked", repr(reply.id))

    def _unreadable(self, found: Unreadable, text: bytes, received_at: float) -> SessionMessage | None:
        ids = {pending for found_id in found.ids if (pending := self._pending_id(found_id)) is not None}
        if len(ids) != 1:
            self._findings.add_line(self._noise, text, found.reason)
            return None
        request_id = ids.pop()
        exchange = self._settle(request_id, text, received_at)
        exchange.fault = f"its answer is not valid: {found.reason}; it begins with {shown(text)}"
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
