"""Over HTTP: `go` tells what its request looked like; every request adds a line to the file that VISITS names.

Its first argument, if there is one, names what it does otherwise.
"""

import os
import sys
from threading import Event

from http_speak import Message, Visitor, encoded, introduce, serve

WAY = sys.argv[1] if len(sys.argv) > 1 else ""
SHOWN = ("Authorization", "X-Team", "Accept", "Mcp-Session-Id", "Mcp-Protocol-Version", "Last-Event-Id", "Cookie")
CALLED = Event()
LATER: list[bytes] = []
UPDATED = encoded(method="notifications/resources/updated", params={"uri": "note://1"})


def visit(visitor: Visitor) -> dict[str, str]:
    headers = {name: visitor.headers[name] for name in SHOWN if name in visitor.headers}
    if path := os.environ.get("VISITS"):
        with open(path, "ab", buffering=0) as log:
            log.write(f"{visitor.command} {visitor.path} {headers}\n".encode())
    return headers


def on_initialize(visitor: Visitor, message: Message) -> None:
    visit(visitor)
    if WAY == "401":
        visitor.send(401, b"no", "text/plain")
    elif WAY == "redirect":
        visitor.send(307, Location="/elsewhere")
    elif WAY == "bad_session":
        visitor.reply(message, {}, Mcp_Session_Id="two words")
    else:
        introduce(visitor, message)


def on_call(visitor: Visitor, message: Message) -> None:
    told = {"number": message["params"]["arguments"].get("number"), "headers": visit(visitor)}
    CALLED.set()
    if WAY in ("comes_later", "never_comes"):
        LATER.append(encoded(id=message["id"], result={"content": [], "structuredContent": told}))
        visitor.stream()
        visitor.wfile.write(b"id: a1\nretry: 10\ndata:\n\ndata: {unfinished")
        return
    visitor.reply(message, {"content": [], "structuredContent": told}, Set_Cookie="a=b")


def on_get(visitor: Visitor) -> None:
    visit(visitor)
    if WAY == "streams":
        visitor.stream()
        visitor.wfile.write(b"id: e1\nretry: 10\ndata:\n\n")
        if "Last-Event-Id" in visitor.headers and CALLED.wait(10):
            visitor.wfile.write(b"data: " + UPDATED + b"\n\n")
    elif WAY == "comes_later" and visitor.headers.get("Last-Event-Id") == "a1":
        visitor.stream(LATER.pop())
    else:
        visitor.send(400 if WAY == "get_400" else 405)


def on_delete(visitor: Visitor) -> None:
    visit(visitor)
    visitor.send(204)


serve(on_call, on_initialize, on_get, on_delete)
