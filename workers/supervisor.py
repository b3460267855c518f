"""Keeps N worker processes alive on one machine: starts them, restarts them with back-off, ends them. Runs no test.

Each child is tied to us by the kernel: when we end, however we do, it is killed, even while it is stopped (SIGSTOP).
Elsewhere than on Linux it ends with its standard input, a pipe of ours.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from harness.backoff import backoff_s
from harness.children import is_stopped
from workers.departure import EXIT_SICK
from workers.settings import base_name, child_environment

FIRST_BACKOFF_S, MAX_BACKOFF_S = 0.5, 30.0
STEADY_S = 30.0
"""A process that lived this long has earned a quick restart."""
USAGE_EXIT = 2
_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


@dataclass
class Seat:
    """The place of one worker, taken by one process after another, each with a name of its own."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    generation: int = 0
    failures: int = 0
    started_at: float = 0.0
    start_at: float = 0.0

    def vacate(self, code: int, now: float) -> None:
        """Its process ended with `code` at `now`: the next one waits the longer, the more have failed in a row.

        A sick one is never steady: what ails it may need more than a quick restart, however long it took to show.
        """
        is_well = code == 0 or (code != EXIT_SICK and now - self.started_at > STEADY_S)
        self.failures = 0 if is_well else self.failures + 1
        self.start_at = now + backoff_s(self.failures, FIRST_BACKOFF_S, MAX_BACKOFF_S)


class Supervisor:
    """Single-threaded: sleeps until a signal, a child's end, or the end of a back-off."""

    def __init__(self, processes: int, *, die_with_stdin: bool) -> None:
        self._seats = [Seat(f"{base_name()}-{number + 1}") for number in range(processes)]
        self._watched = [sys.stdin.fileno()] if die_with_stdin else []
        self._stopping: signal.Signals | None = None
        self._exit_code = 0

    def run(self) -> int:
        """Until a signal stops it and all children are gone; returns the exit code."""
        wakeup = self._install_signals()
        while True:
            for seat in self._seats:
                self._look_at(seat)
            if self._stopping is not None and not any(seat.process for seat in self._seats):
                return self._exit_code
            ready, _, _ = select.select([wakeup, *self._watched], [], [], self._pause_s())
            if wakeup in ready:
                os.read(wakeup, 4096)
            if set(self._watched) & set(ready) and not os.read(self._watched[0], 4096):
                self._watched = []
                self._stop(signal.SIGQUIT)

    def _install_signals(self) -> int:
        readable, writable = os.pipe()
        os.set_blocking(writable, False)
        signal.set_wakeup_fd(writable)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in _STOPPING:
            signal.signal(number, lambda got, _: self._stop(signal.Signals(got)))
        return readable

    def _stop(self, how: signal.Signals) -> None:
        """Pass the signal on: SIGTERM lets tests end, SIGQUIT hands them back."""
        self._stopping = how
        for seat in self._seats:
            if seat.process is not None and seat.process.poll() is None:
                seat.process.send_signal(signal.SIGQUIT if how is signal.SIGQUIT else signal.SIGTERM)

    def _look_at(self, seat: Seat) -> None:
        if seat.process is not None and seat.process.poll() is not None:
            self._bury(seat)
        elif seat.process is not None and is_stopped(seat.process.pid):
            seat.process.kill()  # it runs no test, nor does it obey: another one takes its place
        if seat.process is None and self._stopping is None and time.monotonic() >= seat.start_at:
            self._start(seat)

    def _start(self, seat: Seat) -> None:
        seat.generation += 1
        seat.started_at = time.monotonic()
        environment: Mapping[str, str] = child_environment(f"{seat.name}-{seat.generation}")
        command = [sys.executable, "-m", "workers", "--die-with-stdin", "--die-with-parent", str(os.getpid())]
        seat.process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, start_new_session=True)

    def _bury(self, seat: Seat) -> None:
        process, seat.process = seat.process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        if self._stopping is None:
            seat.vacate(process.returncode, time.monotonic())
        if process.returncode == USAGE_EXIT:
            self._exit_code = USAGE_EXIT
            self._stop(signal.SIGTERM)

    def _pause_s(self) -> float | None:
        waiting = [seat.start_at for seat in self._seats if seat.process is None]
        if self._stopping is not None or not waiting:
            return None
        return max(0.0, min(waiting) - time.monotonic())


def supervise(processes: int, *, die_with_stdin: bool) -> int:
    """Keep `processes` workers alive until told to stop; returns the exit code."""
    return Supervisor(processes, die_with_stdin=die_with_stdin).run()
