"""Lists its tools in the way that its first argument names; offers `go`, which answers whatever is listed."""

import sys

from speak import reply, say, serve, text

WAY = sys.argv[1]


def tool(name: str) -> dict:
    return {"name": name, "inputSchema": {"type": "object"}}


def on_list(request: dict) -> None:
    cursor = int((request.get("params") or {}).get("cursor", "0"))
    page = {"tools": [tool(f"t{cursor}")]}
    if WAY == "three" and cursor < 2:
        page["nextCursor"] = str(cursor + 1)
    elif WAY == "circle":
        page["nextCursor"] = str((cursor + 1) % 3 or 1)
    elif WAY == "endless":
        page["nextCursor"] = str(cursor + 1)
    elif WAY == "invalid":
        page["tools"] = [{**tool("go"), "outputSchema": {"type": "object"}}, {"name": "no_schema"}, "not a tool"]
    if WAY == "error":
        say({"id": request["id"], "error": {"code": -32603, "message": "no list today"}})
    else:
        reply(request, page)


serve(
    lambda request: reply(request, text("gone")),
    capabilities={"prompts": {}, "vendor": {"x": 1}} if WAY == "none" else None,
    on_list=on_list,
)
