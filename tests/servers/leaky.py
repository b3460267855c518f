"""An MCP server that tells its secret in every way it can think of, standard library only."""

import base64
import json
import os
import sys
import urllib.parse

TOKEN = os.environ.get("TOKEN", "none")
FORMS = [
    TOKEN,
    base64.b64encode(f"user:{TOKEN}".encode()).decode(),
    base64.b64encode(f"x{TOKEN}yz".encode()).decode(),
    urllib.parse.quote(TOKEN, safe=""),
    json.dumps({"inner": json.dumps(TOKEN)}),
    TOKEN.encode().hex(),
    "padding " * 112 + TOKEN,
]
INFO = {"name": f"leaky {TOKEN}", "version": TOKEN}


def answer(message: dict) -> dict:
    if message["method"] == "initialize":
        version = message["params"]["protocolVersion"]
        return {"result": {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": INFO}}
    if message["method"] == "tools/list":
        return {"result": {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in ("tell", "die")]}}
    sys.stderr.write(f"token {TOKEN}\n" + f"again {FORMS[1]}\n" * 30)
    sys.stderr.flush()
    print(f"noise {TOKEN}", flush=True)
    if message["params"]["name"] == "die":
        os._exit(3)
    given = message["params"]["arguments"]
    return {"result": {"content": [{"type": "text", "text": text} for text in FORMS], "given": given, TOKEN: 1}}


for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], **answer(request)}), flush=True)
