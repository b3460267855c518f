"""The launcher process: one thread, no state but its children. Forks a keeper for every socket it is sent.

Standard library only, and few of it: this runs under `python -I -S`. It is also a subreaper, one level above the
keepers: if a server manages to end its own keeper, what that keeper held falls to us and is ended here.
When the worker's end of the socket closes, no more keepers are made; it goes away after the last of them.
"""

import gc
import os
import select
import signal
import socket
import sys

from harness.containment import tree
from harness.containment.keeper import run_keeper
from harness.containment.wakeup import take_signals, wakeup_pipe

_CRASHED = 70


def main(control_fd: int) -> None:
    """Serve the worker that holds the other end of `control_fd`, until it closes and all keepers are gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _fill_standard_streams()
    tree.become_subreaper()
    forker = Forker(socket.socket(fileno=control_fd))
    gc.freeze()  # what exists now is shared with every keeper, page by page
    forker.run()


def _fill_standard_streams() -> None:
    """A worker may have been started without stderr; no pipe of a server may then take its number."""
    try:
        os.fstat(2)
    except OSError:
        os.dup2(0, 2)


class Forker:
    """Turns sockets into keepers, and looks after keepers that did not end by themselves."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._signals = wakeup_pipe(signal.SIGCHLD)
        self._keepers: set[int] = set()
        self._open = True

    def run(self) -> None:
        """Return when the worker is gone and so are all keepers."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._signals, select.POLLIN)
        while self._open or self._keepers:
            for fd, _ in poll.poll():
                if fd == self._signals:
                    self._look_after_children()
                elif not self._fork_keepers():
                    poll.unregister(self._control)
                    self._control.close()
                    self._open = False

    def _fork_keepers(self) -> bool:
        """Fork one keeper for the socket in the next message; False when the worker has closed its end."""
        message, fds, _, _ = socket.recv_fds(self._control, 1, 1, socket.MSG_CMSG_CLOEXEC)
        for fd in fds:
            self._fork_keeper(fd)
            os.close(fd)
        return bool(message)

    def _fork_keeper(self, fd: int) -> None:
        try:
            pid = os.fork()
        except OSError:
            return  # no more processes: the worker sees the socket close, and says so
        if pid:
            self._keepers.add(pid)
            return
        code = _CRASHED
        try:
            self._control.close()
            run_keeper(fd)
            code = 0
        except BaseException:  # the edge of this process: nothing may return into the launcher's loop
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)

    def _look_after_children(self) -> None:
        take_signals(self._signals)
        ended = tree.reap()
        deserted = any(status for pid, (status, _, _) in ended.items() if pid in self._keepers)
        self._keepers -= ended.keys()
        if deserted:
            end = tree.TreeEnd(spare=self._keepers)
            end.run(within_s=1.0)
            self._keepers -= end.reaped.keys()
