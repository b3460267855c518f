"""Fixtures that every kind of test may use."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from scheduler.operate.embedded_redis import RedisServer, start_redis

settings.register_profile("farm", deadline=None)  # the machine may be busy: time says nothing about code
settings.load_profile("farm")

SHARED = Path(__file__).resolve().parents[2] / "shared"
SERVERS = Path(__file__).resolve().parent / "servers"


def pytest_configure() -> None:
    """A shell that starts the tests in the background has them ignore Ctrl-C, and their children too; some send it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A real server of this test alone, on a Unix socket."""
    with start_redis() as server:
        server.wait_ready()
        yield server


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    """An empty private state directory."""
    path = tmp_path / "state"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture
def shared_suites() -> Path:
    """The suites that others wrote. A user may not have them; CI must."""
    return require(SHARED / "suites")


def require(path: Path) -> Path:
    """`path` where it exists; else the test skips on a laptop and fails in CI."""
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{path} is missing, and CI must have it")
        pytest.skip(f"{path} is not here")
    return path


@dataclass(frozen=True)
class CallLog:
    """What the fixture server wrote about itself: one line per process start and per tool call."""

    path: Path

    def lines(self) -> list[str]:
        """All lines so far."""
        return self.path.read_text().splitlines() if self.path.exists() else []

    def starts(self) -> list[int]:
        """Pids of the processes started, in order."""
        return [int(line.split()[1]) for line in self.lines() if line.startswith("start ")]

    def calls(self, tool: str = "") -> int:
        """Number of calls of `tool`, or of all tools."""
        return sum(line.startswith(f"call {tool}") for line in self.lines())


@pytest.fixture
def call_log(tmp_path: Path) -> CallLog:
    """A fresh call log; give its path to the server as MCP_CALL_LOG."""
    return CallLog(tmp_path / "calls.log")


def plain_server(log: CallLog | None = None, **env: str) -> dict[str, object]:
    """The `server:` part of a suite for tests/servers/plain.py."""
    if log is not None:
        env["MCP_CALL_LOG"] = str(log.path)
    return {"command": sys.executable, "args": ["-I", "-S", str(SERVERS / "plain.py")], "env": env}
