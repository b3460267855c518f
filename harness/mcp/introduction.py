"""How a session begins: initialize, then the whole list of tools, once.

The handshake is made by hand, through the SDK's public parts, because its own `initialize` offers one revision only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from harness.errors import ServerUnavailable
from harness.mcp.asking import Asked, ask
from harness.mcp.findings import Findings
from harness.mcp.sdk import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_HANDSHAKE_VERSION, ClientSession, types
from harness.safe_text import one_line
from harness.version import VERSION

CLIENT = types.Implementation(name="mcp-test-harness", version=VERSION)
MAX_PAGES = 100
_NAME_CHARACTERS = 100


@dataclass(frozen=True)
class Introduction:
    """What a server said about itself.

    `tools` is None when it lists none, or not all of them. `output_schemas`: of the tools that declare one.
    `result` is its whole answer to initialize.
    """

    server_name: str
    server_version: str
    protocol_version: str
    capabilities: Mapping[str, Any]
    tools: frozenset[str] | None
    output_schemas: Mapping[str, JsonValue]
    result: Mapping[str, Any]


async def introduce(client: ClientSession, offered: str | None, findings: Findings) -> Introduction:
    """Initialise the session and list the tools. Raises ServerUnavailable when the server does not play along."""
    asked = await _initialize(client, _checked_offer(offered))
    result = asked.typed
    assert isinstance(result, types.InitializeResult)
    assert asked.result is not None
    capabilities = asked.result.get("capabilities")
    has_tools = isinstance(capabilities, dict) and isinstance(capabilities.get("tools"), dict)
    tools = await _list_tools(client, findings) if has_tools else None
    return Introduction(
        server_name=one_line(result.server_info.name, _NAME_CHARACTERS),
        server_version=one_line(result.server_info.version, _NAME_CHARACTERS),
        protocol_version=result.protocol_version,
        capabilities=capabilities if isinstance(capabilities, dict) else {},
        tools=None if tools is None else frozenset(tools),
        output_schemas={name: tool["outputSchema"] for name, tool in (tools or {}).items() if tool.get("outputSchema")},
        result=asked.result,
    )


def _checked_offer(offered: str | None) -> str:
    if offered is None or offered in HANDSHAKE_PROTOCOL_VERSIONS:
        return offered or LATEST_HANDSHAKE_VERSION
    known = ", ".join(HANDSHAKE_PROTOCOL_VERSIONS)
    raise ServerUnavailable(f"protocol_version {offered!r} cannot be offered; known revisions: {known}")


async def _initialize(client: ClientSession, offered: str) -> Asked:
    parameters = types.InitializeRequestParams(
        protocol_version=offered, capabilities=types.ClientCapabilities(), client_info=CLIENT
    )
    asked = Asked("initialize")
    await ask(client, types.InitializeRequest(params=parameters), types.InitializeResult, asked)
    if trouble := _trouble(asked):
        raise ServerUnavailable(trouble)
    assert isinstance(asked.typed, types.InitializeResult)
    chosen = asked.typed.protocol_version
    if chosen not in HANDSHAKE_PROTOCOL_VERSIONS:
        raise ServerUnavailable(
            f"it was offered revision {offered} and chose {one_line(chosen, 40)!r}, which is unknown"
        )
    client.adopt(asked.typed)
    await client.send_notification(types.InitializedNotification())
    return asked


def _trouble(asked: Asked) -> str:
    """What is wrong with how an initialize ended; empty when nothing is."""
    if asked.fault:
        return f"initialize: {asked.fault}"
    answer = asked.answer
    if answer is None:
        return "it ended before it was initialised"
    if answer.error is not None:
        return f"it refused initialize: {one_line(answer.error.message, 300)} (code {answer.error.code})"
    return f"its answer to initialize is not valid: {asked.refusal}" if asked.refusal else ""


async def _list_tools(client: ClientSession, findings: Findings) -> dict[str, dict[str, Any]] | None:
    """All tools by name, all pages. None when the list cannot be had, or has no end."""
    tools: dict[str, dict[str, Any]] = {}
    cursors: set[str] = set()
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await _page(client, cursor, findings)
        if page is None:
            return None
        tools |= _by_name(page)
        cursor = page.get("nextCursor") or None
        if cursor is None:
            return tools
        if not isinstance(cursor, str) or cursor in cursors:
            findings.add("tools/list repeats a cursor, or gives one that is no text", repr(cursor))
            return tools
        cursors.add(cursor)
    findings.add(f"tools/list has more than {MAX_PAGES} pages; the rest was not asked for")
    return None


async def _page(client: ClientSession, cursor: str | None, findings: Findings) -> Mapping[str, Any] | None:
    asked = Asked("tools/list")
    parameters = types.PaginatedRequestParams(cursor=cursor) if cursor is not None else None
    await ask(client, types.ListToolsRequest(params=parameters), types.ListToolsResult, asked)
    if asked.refusal:
        findings.add("tools/list is not valid", asked.refusal)
    answer = asked.answer
    if answer is None:
        raise ServerUnavailable(asked.fault or "it ended while it was asked for its tools")
    if answer.error is not None:
        findings.add("tools/list answered with an error", answer.error.message)
    return answer.result


def _by_name(page: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The tools of one page that can be told apart."""
    listed = page.get("tools")
    tools = [tool for tool in listed if isinstance(tool, dict)] if isinstance(listed, list) else []
    return {tool["name"]: tool for tool in tools if isinstance(tool.get("name"), str)}
