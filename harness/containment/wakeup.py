"""Turns signals into something that `poll` sees. Standard library only; main thread only."""

import os
import signal


def wakeup_pipe(*numbers: signal.Signals) -> int:
    """The readable end of a pipe that gets one byte for each of these signals from now on; they do nothing else."""
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    for number in numbers:
        signal.signal(number, _ignore)
    return readable


def take_signals(fd: int) -> set[int]:
    """The numbers of the signals that came since the last call."""
    try:
        return set(os.read(fd, 4096))
    except BlockingIOError:
        return set()


def _ignore(_number: int, _frame: object) -> None:
    """A handler must be set, or the wake-up byte is not written."""
