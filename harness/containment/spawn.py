"""Starts the server process: three pipes, its own session, an environment built from nothing. Standard library only.

Runs in a keeper, which has one thread, so a plain fork is safe here and code may run between fork and exec:
`confine` is the one place where limits and isolation are applied to a server.
"""

import os
import signal
from typing import NamedTuple, NoReturn

from harness.containment.missing import why_missing
from harness.containment.start import ServerStart

_LAST_POSSIBLE_FD = 256  # a keeper opens about ten; all of them close on exec, this is the second lock


class Spawned(NamedTuple):
    """A running server and our ends of its pipes, all non-blocking. `pid` is also its process group and session."""

    pid: int
    stdin: int
    stdout: int
    stderr: int


class CannotStart(Exception):
    """Raised when the program could not be executed; the message is fit for the report."""


def spawn(start: ServerStart) -> Spawned:
    """Start the server. Raises CannotStart with the system's reason."""
    stdin_theirs, stdin = os.pipe()
    stdout, stdout_theirs = os.pipe()
    stderr, stderr_theirs = os.pipe()
    verdict, verdict_theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become_server(start, (stdin_theirs, stdout_theirs, stderr_theirs), verdict_theirs)
    for fd in (stdin_theirs, stdout_theirs, stderr_theirs, verdict_theirs):
        os.close(fd)
    reason = _read_all(verdict)
    if reason:
        os.waitpid(pid, 0)
        for fd in (stdin, stdout, stderr):
            os.close(fd)
        raise CannotStart(reason)
    for fd in (stdin, stdout, stderr):
        os.set_blocking(fd, False)
    return Spawned(pid, stdin, stdout, stderr)


def confine(start: ServerStart) -> None:
    """Apply what holds the server for the rest of its life. Called in the child, just before the program starts."""
    os.setsid()
    os.chdir(start.cwd)


def _become_server(start: ServerStart, streams: tuple[int, int, int], verdict: int) -> NoReturn:
    """In the child: become the program, or write why not to `verdict`, which closes by itself on success."""
    try:
        _restore_signals()
        for target, fd in enumerate(streams):  # all above 2: the launcher keeps 0, 1 and 2 open
            os.dup2(fd, target)
        os.closerange(3, verdict)
        os.closerange(verdict + 1, _LAST_POSSIBLE_FD)
        _enter(start)
        _execute(start)
    except BaseException as problem:  # the edge of this process: nothing may return into the keeper's code
        os.write(verdict, str(problem).encode("utf-8", "backslashreplace")[:4000])
    finally:
        os._exit(127)


def _enter(start: ServerStart) -> None:
    try:
        confine(start)
    except OSError as problem:
        raise CannotStart(f"working directory {start.cwd!r}: {problem.strerror}") from problem


def _execute(start: ServerStart) -> None:
    try:
        os.execvpe(start.command, [start.command, *start.args], dict(start.env))
    except (FileNotFoundError, NotADirectoryError) as problem:
        raise CannotStart(why_missing(start.command, str(problem.strerror))) from problem
    except OSError as problem:
        raise CannotStart(f"{start.command!r}: {problem.strerror}") from problem


def _restore_signals() -> None:
    """Undo what Python and the keeper set: a program inherits ignored signals and the mask."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _read_all(fd: int) -> str:
    with open(fd, "rb") as pipe:
        return pipe.read().decode("utf-8", "replace")
