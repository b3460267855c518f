"""Owns the asking for a snapshot of a run: the key `t` on its terminal, or the signal SIGUSR1.

While in here the terminal gives keys at once and does not show them; it is put back at the end. A command in the
background leaves the terminal alone.
"""

import contextlib
import os
import select
import signal
import termios
from types import FrameType, TracebackType
from typing import Any, Self, TextIO

KEY = b"t"


class SnapshotKey:
    """A context; `was_asked` tells whether a snapshot was asked for since the last time."""

    def __init__(self, stdin: TextIO, *, reads_keys: bool) -> None:
        self._stdin, self._reads_keys = stdin, reads_keys
        self._asked = False
        self._before: list[Any] | None = None
        self._handler: Any = None

    def was_asked(self) -> bool:
        """Whether one was asked for; looks at the keys without waiting."""
        asked, self._asked = self._asked, False
        return self._read_key() or asked

    def restore(self) -> None:
        """Put the terminal back: quick, and harmless to call again, from a signal handler, too."""
        before, self._before = self._before, None
        if before is not None:
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(self._fd, termios.TCSANOW, before)

    def __enter__(self) -> Self:
        self._handler = signal.signal(signal.SIGUSR1, self._ask)
        if self._reads_keys and self._is_in_front():
            with contextlib.suppress(termios.error, OSError):
                before = termios.tcgetattr(self._fd)
                quiet = termios.tcgetattr(self._fd)
                quiet[3] &= ~(termios.ICANON | termios.ECHO)
                termios.tcsetattr(self._fd, termios.TCSANOW, quiet)
                self._before = before
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.restore()
        signal.signal(signal.SIGUSR1, self._handler)

    @property
    def _fd(self) -> int:
        return self._stdin.fileno()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True

    def _read_key(self) -> bool:
        if self._before is None or not self._is_in_front():
            return False
        ready, _, _ = select.select([self._fd], [], [], 0)
        return bool(ready) and KEY in os.read(self._fd, 256)

    def _is_in_front(self) -> bool:
        """Whether the terminal is ours: who is in the background is stopped for touching it."""
        with contextlib.suppress(OSError, ValueError):
            return self._stdin.isatty() and os.tcgetpgrp(self._fd) == os.getpgrp()
        return False
