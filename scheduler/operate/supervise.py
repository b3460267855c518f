"""Owns the processes of a farm on one machine: start, restart with back-off, end all, leave nothing behind.

Single-threaded by intent: a child is tied to this process by the kernel's death signal, which belongs to the thread
that forked it; it also holds the other end of its standard input, which closes when we die. All children stay in our
process group, so a terminal's Ctrl-C reaches them too; being told twice does them no harm. Knows nothing of farms.
"""

import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.backoff import backoff_s
from harness.children import is_stopped
from harness.log import get_logger

log = get_logger("supervise")

STOP_GRACE_S = 4.0
"""Below the 5 s after which honcho kills."""
FIRST_BACKOFF_S, MAX_BACKOFF_S = 0.5, 30.0
STEADY_S = 30.0
"""A process that lived this long has earned a quick restart."""
USAGE_EXIT = 2

_PR_SET_PDEATHSIG = 1
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


@dataclass(frozen=True)
class Member:
    """One process to keep alive. `environment` is complete; `fds` stay open in it.

    `stop` asks it to end; `death` is what the kernel sends it when we die without having asked.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    fds: tuple[int, ...] = ()
    stop: signal.Signals = signal.SIGTERM
    death: signal.Signals = signal.SIGKILL


@dataclass
class _Seat:
    """A member's place: its current process, or when the next one starts."""

    member: Member
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float | None = 0.0
    failures: int = 0


@dataclass
class _Wake:
    """Signals as bytes on a socket: the loop sleeps until there is something to do."""

    reader: socket.socket
    writer: socket.socket
    stop: signal.Signals | None = None
    before: dict[int, object] = field(default_factory=dict)

    def wait(self, timeout_s: float) -> None:
        """Sleep until a signal comes, at most `timeout_s` seconds."""
        if select.select([self.reader], [], [], max(0.0, timeout_s))[0]:
            self._note(self.reader.recv(4096))

    def _note(self, numbers: bytes) -> None:
        for number in numbers:
            if number in (signal.SIGTERM, signal.SIGINT):
                self.stop = signal.Signals(number)


def _nothing() -> None:
    """What is done where nothing is asked for."""


def supervise(
    members: Sequence[Member], *, started: Callable[[], None] = _nothing, woken: Callable[[], None] = _nothing
) -> int:
    """Keep `members` running until SIGTERM or SIGINT, then end them all: 0 after SIGTERM, 130 after SIGINT.

    A member that ends by itself, or is stopped, is started again, at once at first and then ever later. One that exits
    with 2 (it cannot obey its configuration) ends everything, and 2 is returned. `started` is called once all were
    started, `woken` whenever a child of this process has ended, a member or not.
    """
    seats = [_Seat(member) for member in members]
    wake = _listen()
    try:
        _start_due(seats)
        started()
        return _keep(seats, wake, woken)
    finally:
        _end(seats, wake)
        _unlisten(wake)


def _keep(seats: list[_Seat], wake: _Wake, woken: Callable[[], None]) -> int:
    while wake.stop is None:
        wake.wait(_next_start_s(seats))
        if wake.stop is None:
            woken()
        for seat in seats:
            _kill_if_stopped(seat)
            if _reap(seat) == USAGE_EXIT:
                return USAGE_EXIT
        _start_due(seats)
    log.info("stopping", signal=wake.stop.name)
    return 130 if wake.stop == signal.SIGINT else 0


def _start_due(seats: list[_Seat]) -> None:
    now = time.monotonic()
    for seat in seats:
        if seat.process is None and seat.start_at is not None and seat.start_at <= now:
            _start(seat)


def _start(seat: _Seat) -> None:
    member = seat.member
    seat.process = subprocess.Popen(
        member.command,
        env=dict(member.environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,  # logs go to stderr; Celery's banners would stand between their lines
        pass_fds=member.fds,
        preexec_fn=_tie_to(os.getpid(), member.death),  # safe: we have no threads
    )
    seat.started_at = time.monotonic()
    seat.start_at = None
    log.info("started", member=member.name, pid=seat.process.pid)


def _kill_if_stopped(seat: _Seat) -> None:
    """A member that was stopped (SIGSTOP) does nothing and obeys nobody: another one is to take its place."""
    if seat.process is not None and is_stopped(seat.process.pid):
        log.warning("killed", member=seat.member.name, reason="it was stopped")
        seat.process.kill()


def _reap(seat: _Seat) -> int | None:
    """The exit code of a member that just ended, else None. Its next start is set."""
    code = seat.process.poll() if seat.process else None
    if seat.process is None or code is None:
        return None
    _close_stdin(seat.process)
    now = time.monotonic()
    seat.failures = 0 if code == 0 or now - seat.started_at >= STEADY_S else seat.failures + 1
    delay_s = backoff_s(seat.failures - 1, FIRST_BACKOFF_S, MAX_BACKOFF_S)  # the first restart is at once
    seat.process, seat.start_at = None, now + delay_s
    log.warning("ended", member=seat.member.name, exit=code, restart_in_s=delay_s)
    return code


def _next_start_s(seats: list[_Seat]) -> float:
    due = [seat.start_at for seat in seats if seat.start_at is not None]
    return min(due) - time.monotonic() if due else 3600.0


def _end(seats: list[_Seat], wake: _Wake) -> None:
    """Ask all to stop, SIGKILL to who is left after the grace; every one of them reaped."""
    for seat in seats:
        if seat.process is not None:
            seat.process.send_signal(seat.member.stop)
    living = [seat.process for seat in seats if seat.process is not None]
    deadline = time.monotonic() + STOP_GRACE_S
    while any(process.poll() is None for process in living) and time.monotonic() < deadline:
        wake.wait(min(0.2, deadline - time.monotonic()))
    for process in living:
        if process.poll() is None:
            log.warning("killed", pid=process.pid)
            process.kill()
        process.wait()
        _close_stdin(process)


def _close_stdin(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()


def _tie_to(parent: int, death: signal.Signals) -> Callable[[], None]:
    """What a child does before it becomes a member: ask the kernel to end it when we die (Linux; elsewhere nothing)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None) if sys.platform == "linux" else None

    def tie() -> None:
        signal.set_wakeup_fd(-1)
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, int(death))
            if os.getppid() != parent:
                os._exit(1)

    return tie


def _listen() -> _Wake:
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    wake = _Wake(reader, writer)
    for number in _SIGNALS:
        wake.before[number] = signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    return wake


def _unlisten(wake: _Wake) -> None:
    signal.set_wakeup_fd(-1)
    for number, handler in wake.before.items():
        signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal itself returned
    wake.reader.close()
    wake.writer.close()
