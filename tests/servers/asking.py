"""Asks its client things before it answers `go` with what the client said."""

import json

from speak import listen, reply, say, serve, text


def go(request: dict) -> None:
    said = {}
    for number, method in enumerate(("ping", "sampling/createMessage", "roots/list", "no/such")):
        params = {"messages": [], "maxTokens": 1} if method.startswith("sampling") else {}
        say({"id": f"mine-{number}", "method": method, "params": params})
        answer = listen()
        said[method] = answer.get("result", answer.get("error", {}).get("code"))
    reply(request, text(json.dumps(said)))


serve(go)
