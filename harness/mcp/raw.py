"""MCP by hand over a kept server: JSON-RPC lines and nothing of the SDK.

For what the SDK forbids or hides, and to prove that it changes nothing: the same call over both must agree. One
request at a time; whatever else the server says meanwhile is kept in `unasked`, unread.
"""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from harness.checks.answer import Answer, RpcError
from harness.containment.kept import Fault, KeptServer
from harness.containment.launcher import Launcher
from harness.errors import CallTimeout, ProtocolFault, ServerFault, SessionLost
from harness.mcp.preparation import prepare_start
from harness.mcp.sandbox import Sandbox
from harness.models.server import Server
from harness.safe_text import one_line
from harness.version import VERSION

REVISION = "2025-11-25"
MAX_PAGES = 100
_KEPT_UNASKED = 100
_END_WITHIN_S = 6.0


async def open_raw(
    launcher: Launcher, server: Server, *, sandbox: Sandbox, environment: Mapping[str, str] | None = None
) -> "RawSession":
    """Start `server` and initialise it. Raises ServerUnavailable, and what `RawSession.request` raises."""
    kept = await launcher.start_server(prepare_start(server, sandbox, environment or {}))
    session = RawSession(kept)
    try:
        await session.initialize(server.protocol_version or REVISION, timeout_s=server.startup_timeout_seconds)
    except BaseException:
        session.kill()
        raise
    return session


class RawSession:
    """Made by `open_raw`."""

    def __init__(self, kept: KeptServer) -> None:
        self.introduction: Mapping[str, Any] = {}
        self.unasked: deque[bytes] = deque(maxlen=_KEPT_UNASKED)
        self._kept = kept
        self._last_id = 0

    async def initialize(self, revision: str, *, timeout_s: float) -> None:
        """Make the handshake; `introduction` then holds the server's answer to it."""
        client: JsonValue = {"name": "mcp-test-harness", "version": VERSION}
        offer: dict[str, JsonValue] = {"protocolVersion": revision, "capabilities": {}, "clientInfo": client}
        answer = await self.request("initialize", offer, timeout_s=timeout_s)
        if answer.result is None:
            raise self._fault(ProtocolFault, "the server refused initialize")
        self.introduction = answer.result
        self.notify("notifications/initialized")

    async def list_tools(self, *, timeout_s: float) -> list[Any]:
        """All tools, all pages, as the server sent them. Raises ProtocolFault for an error or a list without end."""
        tools: list[Any] = []
        params: dict[str, JsonValue] = {}
        for _ in range(MAX_PAGES):
            answer = await self.request("tools/list", params, timeout_s=timeout_s)
            if answer.result is None:
                raise self._fault(ProtocolFault, "tools/list answered with an error")
            tools += answer.result.get("tools", [])
            if not answer.result.get("nextCursor"):
                return tools
            params = {"cursor": answer.result["nextCursor"]}
        raise self._fault(ProtocolFault, f"tools/list has more than {MAX_PAGES} pages")

    async def call_tool(self, name: str, arguments: Mapping[str, JsonValue], *, timeout_s: float) -> Answer:
        """Call a tool."""
        return await self.request("tools/call", {"name": name, "arguments": dict(arguments)}, timeout_s=timeout_s)

    async def request(self, method: str, params: Mapping[str, JsonValue], *, timeout_s: float) -> Answer:
        """Send a request and wait for its answer.

        Raises CallTimeout (the server is killed), SessionLost, ProtocolFault for an answer that is none.
        """
        self._last_id += 1
        self._write({"id": self._last_id, "method": method, "params": dict(params)})
        try:
            async with asyncio.timeout(timeout_s):
                return await self._answer_to(self._last_id)
        except TimeoutError as late:
            self.kill()
            raise self._fault(CallTimeout, f"no answer within {timeout_s:g} s") from late

    def notify(self, method: str) -> None:
        """Send a notification."""
        self._write({"method": method})

    def kill(self) -> None:
        """End the server now."""
        self._kept.kill()

    async def close(self) -> None:
        """End the server politely and wait until it is gone."""
        self._kept.close()
        await self._kept.wait_ended(_END_WITHIN_S)

    def _write(self, message: dict[str, Any]) -> None:
        self._kept.send(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    async def _answer_to(self, request_id: int) -> Answer:
        async for said in self._kept:
            if isinstance(said, Fault):
                raise self._fault(ProtocolFault, f"the server was ended: {said.message}")
            message = _parse(said.text)
            if message.get("id") == request_id and "method" not in message:
                return self._read(message, said.text)
            self.unasked.append(said.text)
        raise self._fault(SessionLost, f"the server ended during the call ({self._kept.exit_text})")

    def _read(self, message: dict[str, Any], line: bytes) -> Answer:
        match message:
            case {"result": dict(result)}:
                return Answer(result=result)
            case {"error": {"code": int(code), "message": str(text), **rest}}:
                return Answer(error=RpcError(code, text, rest.get("data")))
        raise self._fault(ProtocolFault, f"its answer is not valid; it begins with {_shown(line)}")

    def _fault(self, kind: type[ServerFault], message: str) -> ServerFault:
        return kind(message, stderr_tail=self._kept.stderr_tail(), exit_text=self._kept.exit_text)


def _parse(line: bytes) -> dict[str, Any]:
    """The object in `line`; empty when there is none."""
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _shown(line: bytes) -> str:
    return one_line(line[:500].decode("utf-8", "backslashreplace"), 120)
