"""Waiting for something to become true, with a deadline: what tests use instead of sleeping."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], timeout_s: float = 10.0, message: str = "") -> None:
    """Return as soon as `condition` is true; fail the test when it is not within `timeout_s` seconds."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s:g} s: {message or condition}")
        time.sleep(0.01)
