"""Owns the servers that `discover` and `generate` start: each in a sandbox of its own, all gone at the end."""

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from harness.containment.launcher import Launcher, start_launcher
from harness.discovery.trial import Place
from harness.errors import ServerFault, UsageError
from harness.mcp.opening import open_session
from harness.mcp.sandbox import create_sandbox
from harness.models.server import Server
from harness.safe_text import one_line

DRAIN_S = 6.0
MAX_STDERR_LINES, MAX_LINE = 10, 300
Result = TypeVar("Result")


class LiveServer:
    """Starts `server` as often as it is asked to, with `sample` (name → content) in each sandbox."""

    def __init__(self, server: Server, launcher: Launcher, folder: Path, path: str, sample: dict[str, bytes]) -> None:
        self._server, self._launcher, self._folder = server, launcher, folder
        self._environment, self._sample = {"PATH": path}, sample

    async def open(self, server: Server | None = None) -> Place:
        """A new server in a new sandbox. ServerUnavailable."""
        sandbox = create_sandbox(self._folder)
        for name, content in self._sample.items():
            (sandbox.path / name).write_bytes(content)
        wanted = server or self._server
        session = await open_session(self._launcher, wanted, sandbox=sandbox, environment=self._environment)
        return Place(session, sandbox)


def with_live_server(
    server: Server, act: Callable[[LiveServer], Awaitable[Result]], path: str, sample: dict[str, bytes] | None = None
) -> Result:
    """Do something with a live server; whatever was started is ended, whatever was written is removed."""

    async def whole(launcher: Launcher, folder: Path) -> Result:
        try:
            return await act(LiveServer(server, launcher, folder, path, sample or {}))
        except ServerFault as fault:
            _tell_stderr(fault)
            raise
        finally:
            await launcher.drain(DRAIN_S)

    with start_launcher() as launcher, _scratch() as folder:
        return asyncio.run(whole(launcher, folder))


def server_of(given: argparse.Namespace) -> Server:
    """The server that the command line names. UsageError."""
    first = given.command[0]
    members: dict[str, object] = {"command": first, "args": given.command[1:], "env": dict(given.env)}
    if first.startswith(("http://", "https://")):
        members = {"url": first}
        if len(given.command) > 1:
            raise UsageError(f"{given.command[1]}: a server with an address takes no arguments")
    if given.start_timeout is not None:
        members["startup_timeout_seconds"] = given.start_timeout
    try:
        return Server.model_validate(members)
    except ValidationError as error:
        first_error = error.errors(include_url=False)[0]
        raise UsageError(f"{first}: {'.'.join(map(str, first_error['loc']))}: {first_error['msg']}") from error


def _tell_stderr(fault: ServerFault) -> None:
    """The last lines that the server wrote, which mostly say why."""
    for line in fault.stderr_tail.splitlines()[-MAX_STDERR_LINES:]:
        print(f"  | {one_line(line, MAX_LINE)}", file=sys.stderr)


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mcpf-look-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
