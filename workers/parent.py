"""Ties this process to the one that started it, by the kernel. Standard library only: it comes before all else."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Be killed when the thread of process `parent` that started us ends: in whatever way, and even while stopped.

    Linux; elsewhere nothing, and the end of standard input has to do. `parent` may be gone already.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is None:
        return
    prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
