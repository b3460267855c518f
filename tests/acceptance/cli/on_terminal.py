"""The command on a terminal of its own, whose size can be changed, and what that terminal shows."""

import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.command import COMMAND, environment
from tests.terminal import Screen


class OnTerminal:
    """A running command; `result` is its stdout, which is no terminal."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int, screen: Screen) -> None:
        self.process, self.terminal, self.screen = process, terminal, screen
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def wait_for(self, seen: Callable[[str], bool], timeout_s: float = 30) -> str:
        """What the terminal shows when that is what was waited for."""
        deadline = time.monotonic() + timeout_s
        while not seen(self.screen.text):
            assert time.monotonic() < deadline, self.screen.text
            assert self._read(), f"it ended: {self.screen.text}"
        return self.screen.text

    def end(self, timeout_s: float = 60) -> str:
        """What the terminal shows in the end."""
        deadline = time.monotonic() + timeout_s
        while self._read():
            assert time.monotonic() < deadline, self.screen.text
        self.process.wait(10)
        return self.screen.text

    def press(self, key: str) -> None:
        """A key of the terminal's keyboard."""
        os.write(self.terminal, key.encode())

    def narrow(self, columns: int) -> None:
        """Make the terminal narrower."""
        resize(self.terminal, columns, self.screen.lines)
        self.screen.narrow(columns)

    def _read(self) -> bool:
        ready, _, _ = select.select([self.terminal], [], [], 1.0)
        if not ready:
            return True
        try:
            read = os.read(self.terminal, 65536)
        except OSError:  # the other end is closed
            return False
        self.screen.feed(self._decoder.decode(read))
        return bool(read)


@contextmanager
def on_terminal(args: Sequence[str], state_dir: Path, columns: int, lines: int, **env: str) -> Iterator[OnTerminal]:
    """Start the command with stdin and stderr on a terminal of that size."""
    ours, theirs = pty.openpty()
    resize(ours, columns, lines)
    clean = {name: value for name, value in environment(state_dir).items() if name not in ("CI", "NO_COLOR")}
    with (state_dir / "stdout").open("wb") as stdout:
        process = subprocess.Popen(
            [COMMAND, *args],
            env={**clean, "TERM": "xterm", **env},
            stdin=theirs,
            stdout=stdout,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # it is the session's terminal
        )
    os.close(theirs)
    try:
        yield OnTerminal(process, ours, Screen(columns, lines))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        os.close(ours)


def resize(terminal: int, columns: int, lines: int) -> None:
    """Tell a terminal its size."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
