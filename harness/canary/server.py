"""A good MCP server, built in: a worker that cannot start it and get its answer can start no server at all.

Run with `-I -S`, standard library only. It has one tool, which sings.
"""

import json
import sys

SONG = "tweet"
TOOL = {"name": "sing", "inputSchema": {"type": "object"}}


def main() -> None:
    """Answer requests until standard input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        if "id" in request:
            sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], **_reply(request)}) + "\n")
            sys.stdout.flush()


def _reply(request: "dict[str, object]") -> "dict[str, object]":
    params = request.get("params")
    answers: dict[object, dict[str, object]] = {
        "initialize": {
            "protocolVersion": params.get("protocolVersion", "") if isinstance(params, dict) else "",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "canary", "version": "1"},
        },
        "ping": {},
        "tools/list": {"tools": [TOOL]},
        "tools/call": {"content": [{"type": "text", "text": SONG}]},
    }
    if request["method"] in answers:
        return {"result": answers[request["method"]]}
    return {"error": {"code": -32601, "message": "Method not found"}}


if __name__ == "__main__":
    main()
