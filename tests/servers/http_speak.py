"""The polite part of a small MCP server over HTTP, for those in this folder that misbehave in one way only.

Standard library only. Listens on 127.0.0.1 at the port that PORT names; with TLS where CERTIFICATE names a PEM file.
"""

import json
import os
import ssl
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SESSION = "session-1"
Message = dict[str, Any]


def encoded(**members: object) -> bytes:
    """A message."""
    return json.dumps({"jsonrpc": "2.0", **members}).encode()


def text(value: object) -> Message:
    """A tool result of one text."""
    return {"content": [{"type": "text", "text": str(value)}]}


class Visitor(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def send(self, status: int, body: bytes = b"", kind: str = "application/json", **headers: str) -> None:
        """A whole answer; names of headers with `_` for `-`."""
        self.begin(status, Content_Type=kind, Content_Length=str(len(body)), **headers)
        self.wfile.write(body)

    def begin(self, status: int, **headers: str) -> None:
        """The head of an answer whose end is its own affair."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def stream(self, *events: bytes) -> None:
        """An answer of events. It ends with the connection."""
        self.close_connection = True
        self.begin(200, Content_Type="text/event-stream", Connection="close")
        for event in events:
            self.wfile.write(b"data: " + event + b"\n\n")
            self.wfile.flush()

    def reply(self, request: Message, result: Message, **headers: str) -> None:
        """Answer a request as it should be."""
        self.send(200, encoded(id=request["id"], result=result), **headers)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def serve(
    on_call: Callable[[Visitor, Message], None],
    on_initialize: Callable[[Visitor, Message], None] | None = None,
    on_get: Callable[[Visitor], None] | None = None,
    on_delete: Callable[[Visitor], None] | None = None,
) -> None:
    """Initialise, list one tool named `go`, and hand every call to `on_call`."""

    class Polite(Visitor):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["content-length"])))
            method = message.get("method")
            if method == "initialize":
                (on_initialize or introduce)(self, message)
            elif "id" not in message or method is None:
                self.send(202)
            elif method == "tools/list":
                self.reply(message, {"tools": [{"name": "go", "inputSchema": {"type": "object"}}]})
            elif method == "tools/call":
                on_call(self, message)

        def do_GET(self) -> None:
            on_get(self) if on_get else self.send(405)

        def do_DELETE(self) -> None:
            on_delete(self) if on_delete else self.send(204)

    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Polite)
    if certificate := os.environ.get("CERTIFICATE"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


def introduce(visitor: Visitor, message: Message) -> None:
    """Answer initialize as it should be, with a session."""
    result = {
        "protocolVersion": message["params"]["protocolVersion"],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "over http", "version": "0"},
    }
    visitor.reply(message, result, Mcp_Session_Id=SESSION)
