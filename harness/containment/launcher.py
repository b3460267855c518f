"""The worker's side of the launcher: starts that process, and has it fork a keeper for every server.

Why a process of its own: forking the worker, with its threads and hundreds of megabytes, is slow and unsafe, and
"die with your parent" is tied to the thread that forked. The launcher has one thread and a few megabytes; it is
started before any thread of the worker. Worker and launcher share one SEQPACKET socket with two messages, worker to
launcher, N being a number that the worker never uses twice:
  +N with a descriptor (SCM_RIGHTS)   fork a keeper, this is its socket
  -N                                  kill keeper N, should it live, and end what it held: it does not answer
All else is between worker and keeper (`frames.py`), so the launcher may die and the keepers live on, and when the
worker dies every keeper sees its socket close, ends its server and goes.
"""

import asyncio
import contextlib
import itertools
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.containment import frames
from harness.containment.kept import KeeperLink, KeptServer
from harness.containment.start import ServerStart, encode_start
from harness.errors import LauncherFailed, ServerUnavailable

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); from harness.containment.forker import main; main(int(sys.argv[2]))"
)
_ANSWER_WITHIN_S = 15.0
_EXIT_WITHIN_S = 6.0  # it gives keepers 2 s


def start_launcher() -> "Launcher":
    """Start the launcher process. Blocks for a few milliseconds; call it before the first thread is started."""
    return Launcher()


class Launcher:
    """Starts servers, each beside its own keeper. One per worker process; use it as a context manager."""

    def __init__(self) -> None:
        self._kept: set[KeptServer] = set()
        self._background: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)
        self._process, self._socket = _start_process()

    @property
    def pid(self) -> int:
        """Of the launcher process."""
        return self._process.pid

    async def start_server(self, start: ServerStart) -> KeptServer:
        """Start a server.

        Raises ServerUnavailable when the program cannot be executed (with the system's reason), LauncherFailed when
        it is the farm that cannot.
        """
        try:
            payload = encode_start(start)
        except ValueError as problem:
            raise ServerUnavailable(f"the server cannot be started: {problem}") from problem
        loop, number = asyncio.get_running_loop(), next(self._numbers)
        transport, link = await loop.create_unix_connection(KeeperLink, sock=self._new_keeper(number))
        kept = KeptServer(start, transport, link, lambda: self._kill_keeper(number))
        self._kept.add(kept)
        link.ended.add_done_callback(lambda _: self._kept.discard(kept))
        transport.write(frames.encode(frames.START, payload))
        try:
            await asyncio.wait([link.started], timeout=_ANSWER_WITHIN_S)
        except asyncio.CancelledError:
            kept.abandon()
            raise
        return _started(kept, link)

    def track(self, task: asyncio.Task[None]) -> None:
        """Have `drain` wait for `task`, the background end of something that uses this launcher."""
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def drain(self, timeout_s: float = 3.0) -> int:
        """Close every server that is still there and wait for all that is ending; how many had to be abandoned."""
        for kept in self._kept:
            kept.close()
        waiting = [asyncio.ensure_future(kept.wait_ended(timeout_s)) for kept in self._kept]
        if waiting or self._background:
            await asyncio.wait([*waiting, *self._background], timeout=timeout_s + 0.1)
        late = list(self._kept)
        for kept in late:
            kept.abandon()
        for task in self._background:
            task.cancel()
        return len(late)

    def close(self) -> None:
        """End every server that is still there and let the launcher process go; blocks, six seconds at most.

        Needs no event loop. To end servers politely, `drain` first.
        """
        for kept in self._kept:
            kept.cut()
        self._leave_process()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _new_keeper(self, number: int) -> socket.socket:
        """Our end of the socket to keeper `number`, a new one. Starts the launcher process again if it is gone."""
        try:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        except OSError as problem:
            raise LauncherFailed(f"no socket for another server: {problem}") from problem
        with theirs:
            try:
                self._pass_on(theirs, number)
            except OSError as problem:
                ours.close()
                raise LauncherFailed(f"the launcher of servers does not answer: {problem}") from problem
        ours.setblocking(False)
        return ours

    def _pass_on(self, theirs: socket.socket, number: int) -> None:
        message = [b"+%d" % number]
        try:
            socket.send_fds(self._socket, message, [theirs.fileno()])
        except (BrokenPipeError, ConnectionResetError):
            self._leave_process()
            self._process, self._socket = _start_process()
            socket.send_fds(self._socket, message, [theirs.fileno()])

    def _kill_keeper(self, number: int) -> None:
        """Have the launcher kill it. Never waits, as `send` would; a launcher that is gone or full is not told."""
        with contextlib.suppress(OSError):
            os.write(self._socket.fileno(), b"-%d" % number)

    def _leave_process(self) -> None:
        self._socket.close()
        try:
            self._process.wait(_EXIT_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _start_process() -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PROGRAM, str(_ROOT), str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            env={},
        )
    ours.settimeout(_ANSWER_WITHIN_S)
    return process, ours


def _started(kept: KeptServer, link: KeeperLink) -> KeptServer:
    if not link.started.done():
        kept.abandon()
        raise LauncherFailed(f"no keeper answered within {_ANSWER_WITHIN_S:.0f} s")
    outcome = link.started.result()
    if isinstance(outcome, str):
        kept.abandon()
        raise ServerUnavailable(f"the server cannot be started: {outcome}")
    kept.pid = outcome
    return kept
