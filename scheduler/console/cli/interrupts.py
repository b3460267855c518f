"""Owns the signals of a command that runs tests: the first asks for a clean end, the second ends it at once."""

import contextlib
import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Within this context SIGINT and SIGTERM are counted.

    A signal that was ignored when the command began (nohup, a shell's background job) stays ignored.
    """

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._on_second: list[Callable[[], None]] = []
        self._before: dict[signal.Signals, Any] = {}

    @property
    def exit_code(self) -> int:
        """130 after SIGINT, 143 after SIGTERM; 0 when nothing was received."""
        return 128 + self.received if self.received else 0

    def call_on_second(self, action: Callable[[], None]) -> None:
        """Call `action`, too, at the second signal, just before the process ends; in the handler: it must be quick."""
        self._on_second.append(action)

    def __enter__(self) -> Self:
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.received is None:
            self.received = signal.Signals(number)
            return
        for action in self._on_second:
            action()
        with contextlib.suppress(OSError):
            os.write(2, b"\n")  # the prompt must not stand behind the live line; sys.stderr may be in use
        os._exit(self.exit_code)
