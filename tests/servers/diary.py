"""An MCP server that writes a diary: every request is a line of the file named by DIARY, which outlives it.

Tools: `note` (says the arguments back as JSON, and `count`, how many notes this process has had), `fail` (isError).
"""

import json
import os
import sys

from speak import listen, reply, text

count = 0


def write(line: str) -> None:
    with open(os.environ["DIARY"], "a") as diary:
        diary.write(line + "\n")


def call(request: dict) -> None:
    global count
    name, arguments = request["params"]["name"], request["params"].get("arguments", {})
    write(f"{name} {arguments.get('text', '')}".strip())
    if name == "fail":
        reply(request, {**text("no"), "isError": True})
        return
    count += 1
    reply(request, text(json.dumps({**arguments, "count": count})))


while (message := listen()) is not None:
    if message.get("method") == "initialize":
        reply(
            message,
            {
                "protocolVersion": message["params"]["protocolVersion"],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "diary", "version": "2.10.0"},
            },
        )
    elif message.get("method") == "tools/list":
        tools = [{"name": name, "inputSchema": {"type": "object"}} for name in ("note", "fail")]
        reply(message, {"tools": tools})
    elif message.get("method") == "tools/call":
        call(message)
    elif "id" in message:
        sys.stdout.write(
            json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "no"}}) + "\n"
        )
        sys.stdout.flush()
