"""Opens sessions: starts or reaches the server as its suite says, and waits until it is initialised."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from harness.containment.kept import KeptServer
from harness.containment.launcher import Launcher
from harness.mcp.endpoint import endpoint_of
from harness.mcp.findings import Findings
from harness.mcp.local_port import free_port, until_it_listens
from harness.mcp.preparation import prepare_start
from harness.mcp.sandbox import Sandbox, names_in
from harness.mcp.session import LAST_WORDS_S, Session
from harness.mcp.stdio import StdioWire
from harness.mcp.wire import Wire
from harness.models.server import Server
from harness.templates import Names


async def open_session(
    launcher: Launcher, server: Server, *, sandbox: Sandbox, environment: Mapping[str, str] | None = None
) -> Session:
    """Start or reach `server`, initialise it and list its tools, within its start-up time-out.

    `environment` is what the worker gives every server, such as PATH. Raises ServerUnavailable, with the last stderr
    of the server; LauncherFailed when it is the farm's own fault.
    """
    limit_s = server.startup_timeout_seconds
    begun = time.monotonic()
    findings = Findings()
    place = _Place(launcher, sandbox, environment or {}, begun + limit_s)
    wire = await (_over_http if server.url else _over_stdio)(server, place, findings)
    session = Session(wire, findings, server.request_timeout_seconds)
    started = time.monotonic()
    launcher.track(asyncio.create_task(session.own(server.protocol_version)))
    try:
        await asyncio.wait([session.opened], timeout=begun + limit_s - started)
    except asyncio.CancelledError:
        session.kill()
        raise
    trouble = session.opened.result() if session.opened.done() else f"it did not initialise within {limit_s:g} s"
    if trouble:
        session.kill()
        await wire.wait_ended(LAST_WORDS_S)
        raise session.unavailable(trouble)
    session.start_s, session.initialize_s = started - begun, time.monotonic() - started
    return session


@dataclass(frozen=True)
class _Place:
    """Where servers are started, and until when (monotonic) this one must be ready."""

    launcher: Launcher
    sandbox: Sandbox
    environment: Mapping[str, str]
    deadline: float

    async def start(self, server: Server, names: Names) -> KeptServer:
        """Start its process."""
        return await self.launcher.start_server(prepare_start(server, self.sandbox, self.environment, names))


async def _over_stdio(server: Server, place: _Place, findings: Findings) -> Wire:
    return StdioWire(await place.start(server, names_in(place.sandbox)), findings)


async def _over_http(server: Server, place: _Place, findings: Findings) -> Wire:
    """The module is imported when it is first needed: most servers need it not, and it costs 0.1 s."""
    http: Any = await asyncio.to_thread(import_module, "harness.mcp.http")
    names = names_in(place.sandbox)
    if server.command:
        names = replace(names, values={**names.values, "port": free_port()})
    endpoint = endpoint_of(server, names)
    kept = await place.start(server, names) if server.command else None
    if kept:
        await until_it_listens(kept, endpoint, place.deadline)
    wire: Wire = http.HttpWire(endpoint, kept, findings)
    return wire
