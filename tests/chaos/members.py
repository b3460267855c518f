"""Owns the processes of the farm under test: started, killed, paused and ended, each with a log file of its own."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.processes import alive, descendants

STOP_S = 20.0


class Member:
    """One process in a session of its own. A supervisor's child is what faults are aimed at, see `child`."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command, self._environment, self._folder = tuple(command), dict(environment), folder
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Of the process that was started."""
        return self.process.pid

    @property
    def lives(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.poll() is None

    def child(self) -> int | None:
        """The process that a supervisor keeps alive, None while there is none."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        with contextlib.suppress(OSError):
            living = [int(pid) for pid in children.read_text().split() if alive(int(pid))]
            return living[0] if living else None
        return None

    def kill(self) -> None:
        """SIGKILL to it alone: what it started has to end by itself."""
        self.process.kill()
        self.process.wait(STOP_S)

    def pause(self) -> None:
        """SIGSTOP to it alone."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self.process.send_signal(signal.SIGCONT)

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        if self.lives:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL to all of it where that does not help in time."""
        self.ask_to_stop()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            for pid in (self.pid, *descendants(self.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait(STOP_S)


@dataclass(frozen=True)
class Reading:
    """What a process uses at a moment."""

    rss_mb: float
    descriptors: int


def read_process(pid: int) -> Reading | None:
    """Memory and open descriptors; None when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except (FileNotFoundError, ProcessLookupError):
        return None
    kilobytes = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")]
    return Reading(kilobytes[0] / 1024, descriptors) if kilobytes else None


def processes_of(folder: Path) -> dict[int, str]:
    """Living processes whose command or environment names `folder`: pid → command. Never this one."""
    mark = str(folder).encode()
    found: dict[int, str] = {}
    for place in Path("/proc").iterdir():
        if not place.name.isdigit() or int(place.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            command = (place / "cmdline").read_bytes()
            if mark in command or mark in (place / "environ").read_bytes():
                found[int(place.name)] = command.replace(b"\0", b" ").decode(errors="replace").strip()
    return {pid: command for pid, command in found.items() if alive(pid)}


def pause_for(seconds: float) -> None:
    """Let time pass: a fault that lasts."""
    time.sleep(seconds)
