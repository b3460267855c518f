"""Sends three updates to whoever subscribes, the second one of another resource; `go` tells what it was asked."""

from speak import listen, reply, say, text

ASKED: list[str] = []

while (message := listen()) is not None:
    method = message.get("method", "")
    if method == "initialize":
        offer = {"protocolVersion": message["params"]["protocolVersion"], "serverInfo": {"name": "u", "version": "0"}}
        reply(message, {**offer, "capabilities": {"tools": {}, "resources": {"subscribe": True}}})
    elif method == "tools/list":
        reply(message, {"tools": [{"name": "go", "inputSchema": {"type": "object"}}]})
    elif method == "tools/call":
        reply(message, text(ASKED))
    elif method.startswith("resources/"):
        ASKED.append(method)
        reply(message, {})
        if method == "resources/subscribe":
            for number, uri in enumerate(("note://1", "note://2", "note://1"), 1):
                say({"method": "notifications/resources/updated", "params": {"uri": uri, "n": number}})
