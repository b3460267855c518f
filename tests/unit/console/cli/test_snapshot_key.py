"""Asking for a snapshot."""

import os
import pty
import signal
import sys
import termios
from collections.abc import Iterator

import pytest

from scheduler.console.cli.snapshot_key import SnapshotKey
from tests.waiting import wait_until


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def test_a_signal_asks_once_and_its_handler_is_put_back() -> None:
    before = signal.getsignal(signal.SIGUSR1)
    with SnapshotKey(sys.stdin, reads_keys=False) as key:
        assert not key.was_asked()
        os.kill(os.getpid(), signal.SIGUSR1)
        wait_until(lambda: key.was_asked())
        assert not key.was_asked()
    assert signal.getsignal(signal.SIGUSR1) == before


def test_a_terminal_of_somebody_else_is_left_alone(terminal: tuple[int, int]) -> None:
    _, theirs = terminal
    before = termios.tcgetattr(theirs)
    with os.fdopen(os.dup(theirs)) as stdin, SnapshotKey(stdin, reads_keys=True) as key:
        assert termios.tcgetattr(theirs) == before, "it is not our session's terminal"
        assert not key.was_asked()


def test_a_pipe_has_no_keys() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"t")
    os.close(writer)
    with os.fdopen(reader) as stdin, SnapshotKey(stdin, reads_keys=True) as key:
        assert not key.was_asked()
        assert stdin.read() == "t"
