"""The process beside one server: starts it, relays and bounds what it says, stamps it, ends it. Standard library only.

Forked by `forker.py`, one per server. It owns the server's pipes and everything the server starts; it knows nothing
of MCP. It never blocks on the server or on the worker: it waits in one `poll` only, and the order to end the server
is heard there at any time. What it keeps in memory is bounded: one unfinished line, a queue towards the worker (full:
the server's stdout is no longer read), a queue towards the server (full: a fault), the newest stderr.

Stamps: a request is stamped just before the write that carries its last byte, an answer when its last byte has been
read. So a stall of this process lengthens a latency and never flatters it.
"""

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterable

from harness.containment import frames, tree
from harness.containment.ending import ServerExit, encode_exit
from harness.containment.lines import LineSplitter
from harness.containment.ring import ByteRing
from harness.containment.spawn import CannotStart, Spawned, spawn
from harness.containment.start import EOF_GRACE_S, STDERR_BYTES, ServerStart, decode_start
from harness.containment.streams import Outbox, read_available
from harness.containment.usage import encode_sample, look_at
from harness.containment.wakeup import take_signals, wakeup_pipe

_TO_WORKER_HIGH_BYTES = 8 * 1024 * 1024
_TO_WORKER_LOW_BYTES = 1024 * 1024
_TO_SERVER_MAX_BYTES = 64 * 1024 * 1024
_PIPE_GRACE_S = 0.5  # a server that closed a standard stream is usually about to exit
_LAST_WORDS_BYTES = 4 * 1024 * 1024
_REPORT_WITHIN_S = 2.0
_FAREWELL_S = 30.0


def run_keeper(control: int) -> None:
    """Serve the worker at the other end of `control` until the server it asks for, and all below it, are gone."""
    tree.become_subreaper()
    signals = wakeup_pipe(signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP)
    reader = frames.FrameReader()
    orders = _first_orders(control, reader)
    if not orders:
        return
    start = decode_start(orders[0].payload)
    try:
        server = spawn(start)
    except CannotStart as problem:
        os.write(control, frames.encode(frames.REFUSED, str(problem).encode()))
        return
    try:
        Keeper(control, signals, reader, start, server).run(orders[1:])
    finally:
        while tree.TreeEnd().run(within_s=1.0):
            pass


def _first_orders(control: int, reader: frames.FrameReader) -> list[frames.Frame]:
    """The START frame and what came with it; empty when the worker went away first."""
    while chunk := os.read(control, 65536):
        if orders := list(reader.feed(chunk)):
            return orders
    return []


class Keeper:
    """Relays between one server and one worker until one of them ends."""

    def __init__(
        self, control: int, signals: int, reader: frames.FrameReader, start: ServerStart, server: Spawned
    ) -> None:
        self._control = control
        self._signals = signals
        self._orders = reader
        self._start = start
        self._server = server
        self._to_worker = Outbox(control)
        self._to_server = Outbox(server.stdin)
        self._lines = LineSplitter(start.line_limit_bytes)
        self._stderr = ByteRing(STDERR_BYTES)
        self._poll = select.poll()
        self._handlers: dict[int, Callable[[], None]] = {}
        self._status: tuple[int, float, int] | None = None
        self._ended_cpu_s = 0.0
        self._ended_by = ""
        self._closing = False
        self._eof = False
        self._paused = False
        self._done = False
        self._deadline: tuple[float, Callable[[], None]] | None = None

    def run(self, orders: Iterable[frames.Frame]) -> None:
        """Obey `orders`, which came with START, then relay; returns when the end has been reported."""
        os.set_blocking(self._control, False)
        self._watch(self._control, self._on_control)
        self._watch(self._signals, self._on_signal)
        self._watch(self._server.stderr, self._on_stderr)
        self._watch(self._server.stdout, self._on_stdout)
        self._to_worker.put(frames.encode(frames.STARTED, number=self._server.pid))
        self._obey(orders)
        self._flush()
        while not self._done:
            for fd, _ in self._poll.poll(self._wait_ms()):
                if handler := self._handlers.get(fd):
                    handler()
            self._look_at_the_clock()
            self._flush()
        self._finish()

    # -- waiting

    def _watch(self, fd: int, handler: Callable[[], None], events: int = select.POLLIN) -> None:
        self._handlers[fd] = handler
        self._poll.register(fd, events)

    def _unwatch(self, fd: int) -> None:
        if self._handlers.pop(fd, None):
            self._poll.unregister(fd)

    def _wait_ms(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline[0] - time.monotonic()) * 1000 + 1

    def _in(self, seconds: float, action: Callable[[], None]) -> None:
        self._deadline = (time.monotonic() + seconds, action)

    def _look_at_the_clock(self) -> None:
        if self._deadline is not None and time.monotonic() >= self._deadline[0]:
            _, action = self._deadline
            self._deadline = None
            action()

    # -- from the worker

    def _on_control(self) -> None:
        chunk = read_available(self._control)
        if chunk is None:
            self._end("orphan")
        elif chunk:
            self._obey(self._orders.feed(chunk))

    def _obey(self, orders: Iterable[frames.Frame]) -> None:
        for order in orders:
            if order.kind == frames.SEND:
                self._to_server.put(order.payload, order.number)
            elif order.kind == frames.EOF:
                self._eof = True
            elif order.kind == frames.CLOSE:
                self._close()
            elif order.kind == frames.KILL:
                self._end("kill")
            elif order.kind == frames.LOOK:
                self._look()
        self._feed_server()

    def _feed_server(self) -> None:
        fd = self._server.stdin
        if fd < 0:
            return
        if not self._to_server.drain():
            self._unwatch(fd)
            if not self._eof:  # a program that is given its whole input need not read it
                self._pipe_closed()
        elif self._to_server.length > _TO_SERVER_MAX_BYTES:
            self._fault(f"it does not read its input: {self._to_server.length} bytes are waiting")
        elif self._to_server.length and fd not in self._handlers:
            self._watch(fd, self._feed_server, select.POLLOUT)
        elif not self._to_server.length:
            self._unwatch(fd)
            if self._closing or self._eof:
                self._close_stdin()

    # -- from the server

    def _on_stdout(self) -> None:
        chunk = read_available(self._server.stdout)
        now = time.monotonic()
        if chunk is None:
            self._unwatch(self._server.stdout)
            self._pipe_closed()
        elif chunk:
            self._relay(chunk, now)

    def _relay(self, chunk: bytes, now: float) -> None:
        lines = self._lines.feed(chunk)
        if lines:
            self._on_stderr()  # what it said before it answered travels before the answer
            self._tell_aside()
            told = [frames.encode(frames.LINE, line, stamp=now) for line in lines]
            self._to_worker.put(told[0] if len(told) == 1 else b"".join(told))
        if self._lines.too_long:
            self._fault(f"it wrote a line of more than {self._lines.limit_bytes} bytes")

    def _tell_aside(self) -> None:
        """Queue what travels with the next line: stamps of requests, new stderr."""
        for ticket, stamp in self._to_server.stamps:
            self._to_worker.put(frames.encode(frames.WRITTEN, number=ticket, stamp=stamp))
        self._to_server.stamps.clear()
        if self._stderr:
            self._to_worker.put(frames.encode(frames.STDERR, self._stderr.take()))

    def _look(self) -> None:
        """After what was to be sent has been sent: the server works meanwhile."""
        self._feed_server()
        sample = look_at(tree.descendants(), self._ended_cpu_s)
        self._on_stderr()
        self._tell_aside()
        self._to_worker.put(frames.encode(frames.USAGE, encode_sample(sample)))

    def _on_stderr(self) -> None:
        chunk = read_available(self._server.stderr)
        if chunk is None:
            self._unwatch(self._server.stderr)
        elif chunk:
            self._stderr.add(chunk)

    def _on_signal(self) -> None:
        came = take_signals(self._signals)
        ended = tree.reap()
        self._ended_cpu_s += sum(cpu_s for _, cpu_s, _ in ended.values())
        if self._server.pid in ended:
            self._status = ended[self._server.pid]
            self._end("")
        elif came & {signal.SIGTERM, signal.SIGHUP}:
            self._end("kill")

    # -- to the worker

    def _flush(self) -> None:
        """Write what the worker takes; while it takes little, stop reading the server."""
        if not self._to_worker.drain():
            self._end("orphan")
        waiting = self._to_worker.length
        self._poll.modify(self._control, select.POLLIN | select.POLLOUT if waiting else select.POLLIN)
        if waiting > _TO_WORKER_HIGH_BYTES and self._server.stdout in self._handlers:
            self._unwatch(self._server.stdout)
            self._paused = True
        elif waiting < _TO_WORKER_LOW_BYTES and self._paused:
            self._watch(self._server.stdout, self._on_stdout)
            self._paused = False

    # -- ending

    def _close(self) -> None:
        """Begin the polite end: EOF now, or once the queue is written; then SIGTERM, then SIGKILL."""
        if self._closing or self._done:
            return
        self._closing = True
        self._ended_by = self._ended_by or "close"
        self._in(EOF_GRACE_S, self._terminate)

    def _close_stdin(self) -> None:
        if self._server.stdin >= 0:
            os.close(self._server.stdin)
            self._server = self._server._replace(stdin=-1)

    def _terminate(self) -> None:
        tree.send_group_signal(self._server.pid, signal.SIGTERM)
        self._in(self._start.stop_timeout_s, lambda: self._end("close"))

    def _pipe_closed(self) -> None:
        if self._deadline is None:
            self._in(_PIPE_GRACE_S, lambda: self._end("pipe"))

    def _fault(self, what: str) -> None:
        self._tell_aside()
        self._to_worker.put(frames.encode(frames.FAULT, what.encode()))
        self._end("fault")

    def _end(self, by: str) -> None:
        self._ended_by = self._ended_by or by
        self._done = True

    def _finish(self) -> None:
        """End the server and all below it, pass on what it said last, and report."""
        if self._status is None:
            tree.send_group_signal(self._server.pid, signal.SIGKILL)
        if self._ended_by == "kill" and self._to_worker.length > _TO_WORKER_LOW_BYTES:
            self._to_worker.shed()  # a worker that kills does not want to read a flood first
        end = tree.TreeEnd()
        survivors = end.run(within_s=_REPORT_WITHIN_S)
        self._status = self._status or end.reaped.get(self._server.pid)
        self._hear_last_words()
        left_over = len(end.seen - {self._server.pid})
        self._to_worker.put(frames.encode(frames.ENDED, encode_exit(self._report(left_over, survivors))))
        self._say_farewell()

    def _hear_last_words(self) -> None:
        """Read what is left in the pipes. Everything that could write to them is gone, or at least bounded."""
        budget = _LAST_WORDS_BYTES
        while budget > 0 and (chunk := read_available(self._server.stderr)):
            self._stderr.add(chunk)
            budget -= len(chunk)
        while budget > 0 and not self._lines.too_long and (chunk := read_available(self._server.stdout)):
            self._relay(chunk, time.monotonic())
            budget -= len(chunk)
        self._tell_aside()
        if self._eof and (rest := self._lines.take_unfinished()):
            self._to_worker.put(frames.encode(frames.LINE, rest, stamp=time.monotonic()))

    def _report(self, left_over: int, survivors: int) -> ServerExit:
        status, cpu_s, peak_memory_kib = self._status or (None, 0.0, 0)
        code = os.waitstatus_to_exitcode(status) if status is not None else None
        ended_by_itself = self._ended_by == "pipe" and code != -signal.SIGKILL  # it was about to end, only slowly
        return ServerExit(
            code=code if code is not None and code >= 0 else None,
            signal=-code if code is not None and code < 0 else None,
            ended_by="" if ended_by_itself else self._ended_by,
            left_over=left_over,
            survivors=survivors,
            unfinished_bytes=self._lines.unfinished_bytes,
            cpu_s=cpu_s,
            peak_memory_kib=peak_memory_kib,
        )

    def _say_farewell(self) -> None:
        """Hand over what is still queued, as long as the worker takes it, and leave only after the worker.

        If this end closed first, a worker that happens to write would get an error, and never read the report.
        """
        deadline = time.monotonic() + _FAREWELL_S
        waiting = select.poll()
        waiting.register(self._control, select.POLLOUT)
        while self._to_worker.drain() and self._to_worker.length and time.monotonic() < deadline:
            waiting.poll(1000)
        with socket.socket(fileno=os.dup(self._control)) as control, contextlib.suppress(OSError):
            control.shutdown(socket.SHUT_WR)
        waiting.modify(self._control, select.POLLIN)
        while read_available(self._control) is not None and time.monotonic() < deadline:
            waiting.poll(1000)
