"""Finds and ends every process below this one. Standard library only; Linux.

Works because a keeper is a *subreaper*: whatever a server starts, re-sessioned or double-forked, stays below it.
"""

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Collection

_PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> None:
    """Make this process the parent of every orphan below it. Raises OSError when the kernel refuses."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def descendants(root: int | None = None, spare: Collection[int] = ()) -> list[int]:
    """The pids of all processes below `root` (default: this process), except `spare` and what is below them."""
    found: list[int] = []
    waiting = [root or os.getpid()]
    while waiting:
        children = [pid for pid in _children(waiting.pop()) if pid not in spare]
        found += children
        waiting += children
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - pathlib would cost every launcher its import
            with open(f"/proc/{pid}/task/{task}/children", "rb") as listing:  # noqa: PTH123
                children += map(int, listing.read().split())
    except OSError:
        pass  # ended meanwhile: its children are ours now and found in the next round
    return children


def send_signal(pid: int, number: int) -> None:
    """Send a signal; a process that is gone or may not be signalled is none of our business."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def send_group_signal(group: int, number: int) -> None:
    """Send a signal to a process group; an empty or forbidden group is none of our business."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def reap() -> dict[int, tuple[int, float, int]]:
    """Collect the children that have ended: pid → (wait status, CPU seconds, peak memory in KiB). Never blocks."""
    ended: dict[int, tuple[int, float, int]] = {}
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = (status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


class TreeEnd:
    """Ends everything below this process, however fast it forks: kill, reap, look again, until none is left."""

    def __init__(self, spare: Collection[int] = ()) -> None:
        self._spare = spare
        self.seen: set[int] = set()
        self.reaped: dict[int, tuple[int, float, int]] = {}

    def run(self, within_s: float) -> int:
        """Try for `within_s` seconds; how many are still there. Call again to go on."""
        deadline = time.monotonic() + within_s
        pause_s = 0.0005
        while living := self._round():
            if time.monotonic() > deadline:
                return living
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, 0.05)
        return 0

    def _round(self) -> int:
        found = descendants(spare=self._spare)
        for pid in found:
            send_signal(pid, signal.SIGKILL)
        self.seen.update(found)
        self.reaped.update(reap())
        return len(found)
