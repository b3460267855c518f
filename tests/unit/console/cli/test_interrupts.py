"""Counting signals."""

import os
import signal

import pytest

from scheduler.console.cli.interrupts import Interrupts


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_is_noted_and_decides_the_exit_code(number: signal.Signals, code: int) -> None:
    with Interrupts() as interrupts:
        assert (interrupts.received, interrupts.exit_code) == (None, 0)
        os.kill(os.getpid(), number)
        assert (interrupts.received, interrupts.exit_code) == (number, code)


def test_handlers_are_given_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_that_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts:
            os.kill(os.getpid(), signal.SIGINT)
            assert interrupts.received is None
    finally:
        signal.signal(signal.SIGINT, before)
