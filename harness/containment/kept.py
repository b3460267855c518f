"""A server as its worker sees it: the asyncio end of the socket to its keeper. Knows frames, nothing of MCP.

Everything here runs on one event loop. Sending never waits; what the server says waits in a bounded queue (when it is
full the keeper is no longer read, and then it no longer reads the server).
"""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from harness.containment import frames
from harness.containment.ending import ServerExit, decode_exit
from harness.containment.ring import ByteRing
from harness.containment.start import EOF_GRACE_S, STDERR_BYTES, ServerStart
from harness.containment.usage import Sample, decode_sample
from harness.safe_text import safe_text

_QUEUE_HIGH_BYTES = 8 * 1024 * 1024
_MANY_BYTES = 1024 * 1024
_READ_BYTES = 64 * 1024  # at a time: many short lines must not hold up the loop
_LINE_OVERHEAD_BYTES = 256  # what a waiting line costs beside its text, roughly
_MAX_STAMPS = 1024
_KEEPER_MARGIN_S = 4.0  # what a keeper may take to report an end, at most
_TAIL_LINES = 20
_TAIL_CHARACTERS = 2000
_MESSAGE_CHARACTERS = 500


class Line(NamedTuple):
    """One line of the server's stdout without its newline. `received_at`: seconds on CLOCK_MONOTONIC, by the keeper."""

    text: bytes
    received_at: float


class Fault(NamedTuple):
    """The server broke a bound and is being ended; `message` continues a sentence that begins with the server."""

    message: str


class KeptServer:
    """One server with its keeper. Made by `Launcher.start_server`; `kill_keeper` is for one that does not answer."""

    def __init__(
        self, start: ServerStart, transport: asyncio.Transport, link: "KeeperLink", kill_keeper: Callable[[], None]
    ) -> None:
        self.start = start
        self.pid = 0
        self._transport = transport
        self._link = link
        self._kill_keeper = kill_keeper
        self._closing = False

    @property
    def alive(self) -> bool:
        """Whether its end has been neither reported nor asked for."""
        return not self._closing and not self._link.ended.done()

    @property
    def exit(self) -> ServerExit | None:
        """How it ended; None while it lives, and for ever if its keeper was ended from outside."""
        return self._link.exit

    @property
    def exit_text(self) -> str:
        """One phrase on how it ended; empty while it lives."""
        if self.exit is not None:
            return self.exit.text
        return "its keeper ended unexpectedly" if self._link.ended.done() and not self._closing else ""

    def send(self, line: bytes, ticket: int = 0) -> None:
        """Queue one line, newline included, for its stdin. With a ticket, `written_at` tells when it was written."""
        if not self._transport.is_closing():
            self._transport.write(frames.encode(frames.SEND, line, number=ticket))

    def send_eof(self) -> None:
        """Close its stdin behind what was sent. It may go on; what it says last need not end with a newline."""
        if not self._transport.is_closing():
            self._transport.write(frames.encode(frames.EOF))

    def stderr(self) -> bytes:
        """What it wrote to stderr, the newest 64 KiB. Complete once it has ended."""
        return self._link.stderr.content()

    def written_at(self, ticket: int) -> float | None:
        """When the line with this ticket was written (CLOCK_MONOTONIC); known once a later line came. Asked once."""
        return self._link.stamps.pop(ticket, None)

    @property
    def sample(self) -> Sample | None:
        """What its process tree used when its keeper looked last."""
        return self._link.sample

    def look(self) -> "asyncio.Future[Sample | None] | None":
        """Have its keeper look at what its process tree uses. None as the result, or at once: it has ended."""
        if self._transport.is_closing() or not self.alive:
            return None
        self._transport.write(frames.encode(frames.LOOK))
        return self._link.next_sample()

    async def receive(self) -> Line | Fault | None:
        """The next thing it said; None when it has ended and all was received. One receiver at a time."""
        return await self._link.next()

    async def __aiter__(self) -> AsyncIterator[Line | Fault]:
        while (said := await self.receive()) is not None:
            yield said

    def stderr_tail(self) -> str:
        """The last lines of its stderr, bounded and safe to print. Reaches to its latest line on stdout at least."""
        return _last_lines(self._link.stderr.content())

    def kill(self) -> None:
        """End it and all it started, now. Never waits. Of what it said and nobody has read yet, much is dropped."""
        self._closing = True
        self._link.shed()
        self._order(frames.KILL, _KEEPER_MARGIN_S)

    def close(self) -> None:
        """End it politely in the background: EOF, 0.2 s, SIGTERM, 1 s, SIGKILL, then what it left over. Never waits."""
        if not self._closing:
            self._closing = True
            self._order(frames.CLOSE, EOF_GRACE_S + self.start.stop_timeout_s + _KEEPER_MARGIN_S)

    def abandon(self) -> None:
        """Have keeper and server killed, unless they ended. The last resort when a keeper does not report."""
        if not self._link.ended.done():
            self._closing = True
            self._transport.abort()
            self._kill_keeper()

    def cut(self) -> None:
        """Like `abandon`, without an event loop: for the end of the process."""
        with contextlib.suppress(OSError):
            self._transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    async def wait_ended(self, timeout_s: float) -> bool:
        """Wait until it and all it started are gone; False when that takes longer. Unread lines do not matter."""
        self._link.stop_queueing()
        await asyncio.wait([self._link.ended], timeout=timeout_s)
        return self._link.ended.done()

    def _order(self, kind: int, patience_s: float) -> None:
        """Ask for the end; when it is not reported in time, insist."""
        if not self._transport.is_closing():
            self._transport.write(frames.encode(kind))
            asyncio.get_running_loop().call_later(patience_s, self.abandon)


class KeeperLink(asyncio.BufferedProtocol):
    """Decodes what a keeper says. `started` resolves to the pid, or to a text that says why not."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.started: asyncio.Future[int | str] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        self.exit: ServerExit | None = None
        self.stderr = ByteRing(STDERR_BYTES)
        self.stamps: dict[int, float] = {}
        self.sample: Sample | None = None
        self._looking: asyncio.Future[Sample | None] | None = None
        self._reader = frames.FrameReader()
        self._received = memoryview(bytearray(_READ_BYTES))
        self._queue: deque[Line | Fault] = deque()
        self._queued_bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._queueing = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._received

    def buffer_updated(self, nbytes: int) -> None:
        for frame in self._reader.feed(self._received[:nbytes]):
            self._take(frame)
        if self._queued_bytes > _QUEUE_HIGH_BYTES and self._transport and self._queueing:
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.started.done():
            self.started.set_result("its keeper ended before the server was started")
        if not self.ended.done():
            self.ended.set_result(None)
        self._tell_usage(None)
        self._wake()

    async def next(self) -> Line | Fault | None:
        """See `KeptServer.receive`."""
        while not self._queue:
            if self.ended.done():
                return None
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        said = self._queue.popleft()
        if isinstance(said, Line):
            self._queued_bytes -= len(said.text) + _LINE_OVERHEAD_BYTES
        if self._transport and not self._transport.is_reading() and self._queued_bytes < _QUEUE_HIGH_BYTES // 2:
            self._transport.resume_reading()
        return said

    def next_sample(self) -> "asyncio.Future[Sample | None]":
        """The next sample that comes; None as its result when the server ends instead."""
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_future()
        return self._looking

    def shed(self) -> None:
        """Drop unread lines when they are many."""
        if self._queued_bytes > _MANY_BYTES:
            self._queue.clear()
            self._queued_bytes = 0

    def stop_queueing(self) -> None:
        """Drop what comes from now on, so that the report of the end is not stuck behind it."""
        self.shed()
        self._queueing = False
        if self._transport and not self._transport.is_closing() and not self._transport.is_reading():
            self._transport.resume_reading()

    def _take(self, frame: frames.Frame) -> None:
        if frame.kind == frames.LINE:
            self._say(Line(frame.payload, frame.stamp), len(frame.payload) + _LINE_OVERHEAD_BYTES)
        elif frame.kind == frames.WRITTEN:
            self._remember(frame)
        elif frame.kind == frames.STDERR:
            self.stderr.add(frame.payload)
        elif frame.kind == frames.USAGE:
            self._tell_usage(decode_sample(frame.payload))
        elif frame.kind == frames.FAULT:
            self._say(Fault(_text(frame.payload)), 0)
        elif frame.kind == frames.STARTED:
            self.started.set_result(frame.number)
        elif frame.kind == frames.REFUSED:
            self.started.set_result(_text(frame.payload))
        elif frame.kind == frames.ENDED:
            self.exit = decode_exit(frame.payload)

    def _tell_usage(self, sample: Sample | None) -> None:
        self.sample = sample or self.sample
        looking, self._looking = self._looking, None
        if looking is not None and not looking.done():
            looking.set_result(sample)

    def _say(self, said: Line | Fault, size: int) -> None:
        if self._queueing:
            self._queue.append(said)
            self._queued_bytes += size
            self._wake()

    def _remember(self, frame: frames.Frame) -> None:
        self.stamps[frame.number] = frame.stamp
        if len(self.stamps) > _MAX_STAMPS:  # of calls that nobody waits for any more
            del self.stamps[next(iter(self.stamps))]

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _text(payload: bytes) -> str:
    return safe_text(payload.decode("utf-8", "replace"), _MESSAGE_CHARACTERS)


def _last_lines(written: bytes) -> str:
    lines = written[-4 * _TAIL_CHARACTERS :].decode("utf-8", "backslashreplace").splitlines()
    text = "\n".join(lines[-_TAIL_LINES:])
    return safe_text(text[-_TAIL_CHARACTERS:], 2 * _TAIL_CHARACTERS)
