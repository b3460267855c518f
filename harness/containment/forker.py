"""The launcher process: one thread, no state but its children. Forks a keeper for every socket it is sent.

Standard library only, and few of it: this runs under `python -I -S`. It is also a subreaper, one level above the
keepers: if a server manages to end its own keeper, what that keeper held falls to us and is ended here.
When the worker's end of the socket closes, no more keepers are made. They see the end of the worker by themselves;
one that does not, because it was stopped, is killed. The launcher goes away when nothing is left below it.
"""

import gc
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterable

from harness.containment import tree
from harness.containment.keeper import run_keeper
from harness.containment.wakeup import take_signals, wakeup_pipe

_CRASHED = 70
_MESSAGE_BYTES = 32
_KEEPERS_END_WITHIN_S = 2.0


def main(control_fd: int) -> None:
    """Serve the worker that holds the other end of `control_fd`, until it closes; nothing is left then."""
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
        self._keepers: dict[int, int] = {}  # pid → the number that the worker gave it

    def run(self) -> None:
        """Return when the worker is gone and so are all keepers and what they held."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._signals, select.POLLIN)
        is_open = True
        while is_open:
            for fd, _ in poll.poll():
                if fd == self._signals:
                    self._look_after_children()
                else:
                    is_open = self._obey()
        self._control.close()
        self._outlast_keepers()

    def _obey(self) -> bool:
        """Take the next message: `+N` with a socket, or `-N` (`launcher.py`). False when the worker has closed."""
        message, fds, _, _ = socket.recv_fds(self._control, _MESSAGE_BYTES, 1, socket.MSG_CMSG_CLOEXEC)
        for fd in fds:
            self._fork_keeper(fd, int(message))
            os.close(fd)
        if message.startswith(b"-"):
            self._kill_keeper(-int(message))
        return bool(message)

    def _kill_keeper(self, number: int) -> None:
        """SIGCHLD follows, and what it held is ended as that of any keeper that died."""
        for pid, its_number in self._keepers.items():
            if its_number == number:
                tree.send_signal(pid, signal.SIGKILL)

    def _outlast_keepers(self) -> None:
        """Give the keepers time to end what they hold; then end what is left below us, stopped keepers included."""
        deadline = time.monotonic() + _KEEPERS_END_WITHIN_S
        while self._keepers and (left_s := deadline - time.monotonic()) > 0:
            select.select([self._signals], [], [], left_s)
            self._look_after_children()
        while tree.TreeEnd().run(within_s=1.0):
            pass

    def _fork_keeper(self, fd: int, number: int) -> None:
        try:
            pid = os.fork()
        except OSError:
            return  # no more processes: the worker sees the socket close, and says so
        if pid:
            self._keepers[pid] = number
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
        self._forget(ended)
        if deserted:
            end = tree.TreeEnd(spare=self._keepers)
            end.run(within_s=1.0)
            self._forget(end.reaped)

    def _forget(self, ended: Iterable[int]) -> None:
        for pid in ended:
            self._keepers.pop(pid, None)
