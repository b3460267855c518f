"""Owns the worker processes of an embedded farm: start, notice a death at once, replace with back-off, end.

When this process ends, in whatever way, they end too: the kernel kills them, even those that are stopped (SIGSTOP).
It does so at the end of the *thread* that started them: it must be the main one. Elsewhere than on Linux they end
with their stdin, a pipe of ours.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.backoff import backoff_s
from harness.errors import FarmError
from scheduler.console.embedded.settings import WorkerTerms, worker_environment

FIRST_BACKOFF_S, MAX_BACKOFF_S = 0.1, 5.0
EARLY_DEATH_S = 10.0
MAX_EARLY_DEATHS = 5
STOP_TIMEOUT_S = 8.0
LOG_TAIL_BYTES = 2048


@dataclass
class _Seat:
    """A place for one worker, taken by one process after another."""

    index: int
    generation: int = 0
    early_deaths: int = 0
    due_at: float = 0.0
    started_at: float = 0.0
    process: subprocess.Popen[bytes] | None = None
    ended_for: str = ""

    @property
    def name(self) -> str:
        return f"local-{self.index + 1}-{self.generation}"


class LocalWorkers:
    """`count` workers under `terms`; their output goes to files in `log_dir`. Not for several threads."""

    def __init__(
        self,
        terms: WorkerTerms,
        count: int,
        log_dir: Path,
        *,
        command: Sequence[str] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terms, self._log_dir, self._now = terms, log_dir, now
        self._command = command or worker_command(os.getpid())
        self._seats = tuple(_Seat(index) for index in range(count))
        self._asked = False

    @property
    def names(self) -> frozenset[str]:
        """The name of the latest worker in each seat."""
        return frozenset(seat.name for seat in self._seats)

    def start(self) -> None:
        """Start a worker in every empty seat whose time has come. Returns at once."""
        for seat in self._seats:
            if seat.process is None and self._now() >= seat.due_at:
                self._start(seat)

    def check(self) -> dict[str, str]:
        """Workers that died since the last call: name → how, with the last line of their output.

        Their seats are filled again by `start`. FarmError when a worker dies early again and again.
        """
        died = {}
        for seat in self._seats:
            if seat.process is None or seat.process.poll() is None:
                continue
            if seat.process.returncode == 0:  # it grew too large: all its tests have ended or were handed back
                self._vacate(seat)
            else:
                died[seat.name] = self._bury(seat)
        return died

    def end(self, names: Collection[str], why: str) -> None:
        """Kill those workers of these names that live; `check` then tells `why` they died."""
        for seat in self._seats:
            if seat.name in names and seat.process is not None:
                seat.ended_for = why
                seat.process.kill()

    def proved(self) -> None:
        """Tests get their results: an early death from here on is that of a worker that could start."""
        for seat in self._seats:
            seat.early_deaths = 0

    def ask_to_stop(self) -> None:
        """Begin the end: workers drop what they run and close their sessions. `wait_stopped` waits for them.

        Asking again changes nothing: a second signal would make them leave their sessions behind.
        """
        for process in self._living() if not self._asked else ():
            process.send_signal(signal.SIGQUIT)
        self._asked = True

    def wait_stopped(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Return when no worker lives; those that do not end within `timeout_s` are killed."""
        deadline = self._now() + timeout_s
        for process in self._living():
            try:
                process.wait(max(0.0, deadline - self._now()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for seat in self._seats:
            if seat.process is not None:
                _close_stdin(seat.process)
                seat.process = None

    def kill(self) -> None:
        """End every worker now. Their keepers see it and end the servers."""
        for process in self._living():
            process.kill()

    def _start(self, seat: _Seat) -> None:
        seat.generation += 1
        seat.ended_for = ""
        seat.started_at = self._now()
        with self._log(seat).open("wb") as log:
            seat.process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=worker_environment(self._terms, seat.name),
                cwd=self._log_dir,
                start_new_session=True,  # a Ctrl-C in the terminal is for this process to handle
            )

    def _vacate(self, seat: _Seat) -> None:
        assert seat.process is not None
        _close_stdin(seat.process)
        seat.process, seat.due_at = None, self._now()

    def _bury(self, seat: _Seat) -> str:
        assert seat.process is not None
        _close_stdin(seat.process)
        ending = f"{seat.ended_for or exit_text(seat.process.returncode)}{self._last_words(seat)}"
        seat.process = None
        early = self._now() - seat.started_at < EARLY_DEATH_S
        seat.early_deaths = seat.early_deaths + 1 if early else 0
        if seat.early_deaths >= MAX_EARLY_DEATHS:
            raise FarmError(f"a local worker died {seat.early_deaths} times in a row, at last with {ending}")
        seat.due_at = self._now() + backoff_s(seat.early_deaths, FIRST_BACKOFF_S, MAX_BACKOFF_S)
        return ending

    def _last_words(self, seat: _Seat) -> str:
        with contextlib.suppress(OSError):
            lines = self._log(seat).read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace").split("\n")
            said = [line.strip() for line in lines if line.strip()]
            return f": {said[-1]}" if said else ""
        return ""

    def _log(self, seat: _Seat) -> Path:
        return self._log_dir / f"{seat.name}.log"

    def _living(self) -> list[subprocess.Popen[bytes]]:
        return [seat.process for seat in self._seats if seat.process is not None and seat.process.poll() is None]


def worker_command(parent: int) -> tuple[str, ...]:
    """How a worker is started that ends with the process `parent`."""
    return (sys.executable, "-P", "-m", "workers", "--die-with-stdin", "--die-with-parent", str(parent))


def exit_text(code: int) -> str:
    """`exit code 3`, or `signal SIGKILL`."""
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _close_stdin(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
