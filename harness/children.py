"""Asks the kernel about child processes. Standard library only."""

import os


def is_stopped(pid: int) -> bool:
    """Whether this child of ours is stopped (SIGSTOP); one that has ended is not. SIGCHLD tells when to ask."""
    try:
        return os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:  # it ended, even if nobody waited for it yet
        return False
