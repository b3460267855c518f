"""The polite part of a small MCP server, for those in this folder that misbehave in one way only."""

import json
import sys
from collections.abc import Callable
from typing import Any


def write(raw: bytes) -> None:
    """Put bytes on stdout, at once."""
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()


def say(message: dict[str, Any]) -> None:
    """Send one message."""
    write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


def reply(request: dict[str, Any], result: dict[str, Any]) -> None:
    """Answer a request."""
    say({"id": request["id"], "result": result})


def text(value: object) -> dict[str, Any]:
    """A tool result of one text."""
    return {"content": [{"type": "text", "text": str(value)}]}


def listen() -> dict[str, Any] | None:
    """The next message, None at the end of stdin."""
    line = sys.stdin.readline()
    return json.loads(line) if line else None


def serve(
    on_call: Callable[[dict[str, Any]], None],
    capabilities: dict[str, Any] | None = None,
    on_list: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Initialise, list one tool named `go`, and hand every call to `on_call`, until stdin ends."""
    while (message := listen()) is not None:
        if message.get("method") == "initialize":
            reply(
                message,
                {
                    "protocolVersion": message["params"]["protocolVersion"],
                    "capabilities": {"tools": {}} if capabilities is None else capabilities,
                    "serverInfo": {"name": "misbehaving", "version": "0"},
                },
            )
        elif message.get("method") == "tools/list":
            if on_list:
                on_list(message)
            else:
                reply(message, {"tools": [{"name": "go", "inputSchema": {"type": "object"}}]})
        elif message.get("method") == "tools/call":
            on_call(message)
