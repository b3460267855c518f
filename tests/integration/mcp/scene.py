"""A stage for tests on real servers: a launcher, a sandbox, an event loop, and a look behind the curtain at the end."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from harness.containment.kept import KeptServer
from harness.containment.launcher import Launcher, start_launcher
from harness.containment.start import ServerStart
from harness.mcp.opening import open_session
from harness.mcp.sandbox import Sandbox, temporary_sandbox
from harness.mcp.session import Session
from harness.models.server import Server
from tests.processes import alive, descendants
from tests.waiting import wait_until

SERVERS = Path(__file__).resolve().parents[2] / "servers"
Result = TypeVar("Result")


def script(name: str, *args: str, **fields: object) -> Server:
    """The `server:` of a suite for tests/servers/<name>.py."""
    arguments = ("-E", "-S", str(SERVERS / f"{name}.py"), *args)
    return Server.model_validate({"command": sys.executable, "args": arguments, **fields})


@dataclass(frozen=True)
class Scene:
    """What a test on a server needs."""

    launcher: Launcher
    sandbox: Sandbox

    async def open(self, server: Server) -> Session:
        """An open session."""
        return await open_session(self.launcher, server, sandbox=self.sandbox)

    async def keep(self, *command: str, env: dict[str, str] | None = None, **fields: object) -> KeptServer:
        """A kept process, without MCP."""
        start = ServerStart(command[0], command[1:], env or {}, str(self.sandbox.path))
        return await self.launcher.start_server(start._replace(**fields))


def parent(pid: int) -> int:
    """The parent of a process: of a server, its keeper. 0 for a process that is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def inhabitants(folder: Path) -> set[int]:
    """All processes whose working directory is in `folder`: whatever was started in a sandbox there, however deep."""
    found = set()
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and (process / "cwd").resolve().is_relative_to(folder):
                found.add(int(process.name))
        except OSError:
            continue
    return {pid for pid in found if alive(pid)}


def play(tmp_path: Path, act: Callable[[Scene], Awaitable[Result]]) -> Result:
    """Run `act` on a new scene; afterwards nothing that was started may be left."""

    async def whole(scene: Scene) -> Result:
        try:
            return await act(scene)
        finally:
            assert await scene.launcher.drain(6.0) == 0, "a server had to be abandoned"
            assert len(asyncio.all_tasks()) == 1, "a task was left behind"

    with start_launcher() as launcher, temporary_sandbox(tmp_path) as sandbox:
        result = asyncio.run(whole(Scene(launcher, sandbox)))
        wait_until(lambda: not descendants(launcher.pid), 3, "a process was left behind")
    return result


def over_http(name: str, *args: str, **fields: object) -> Server:
    """The `server:` of a suite for tests/servers/<name>.py, started on a port of ours and reached there."""
    place = {"url": "http://127.0.0.1:${port}/mcp", "env": {"PORT": "${port}"}}
    return script(name, *args, **{**place, **fields})
