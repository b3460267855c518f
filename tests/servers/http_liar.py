"""Over HTTP, answers `go` in the wrong way that the argument `way` names."""

import gzip
import json
import os
import socket
import sys
import time
from threading import Event

from http_speak import Message, Visitor, encoded, serve, text

GOOD = text("fine")
LEFT_ALONE = Event()
HTML = b"<html><body>Bad gateway</body></html>"


def good(message: Message) -> bytes:
    return encoded(id=message["id"], result=GOOD)


def raw(visitor: Visitor, content: bytes) -> None:
    visitor.close_connection = True
    visitor.wfile.write(content)


def many(visitor: Visitor, event: bytes) -> None:
    """Events, chunk by chunk, until nobody listens any more."""
    visitor.stream()
    while True:
        visitor.wfile.write(event)


def never_ending(visitor: Visitor, message: Message) -> None:
    visitor.stream(good(message))
    try:
        while True:
            visitor.wfile.write(b": still here\n")
            time.sleep(0.02)
    except OSError:
        LEFT_ALONE.set()


def dripping(visitor: Visitor) -> None:
    visitor.stream()
    while True:
        visitor.wfile.write(b": still here\n")
        time.sleep(0.05)


def reset(visitor: Visitor) -> None:
    visitor.close_connection = True
    visitor.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    visitor.connection.close()


def dying(visitor: Visitor) -> None:
    print("about to die", file=sys.stderr, flush=True)
    os._exit(7)


NOTE = encoded(method="notifications/message", params={"level": "info", "data": "x"})
ERROR = {"code": -32602, "message": "no such thing"}
WAYS = {
    # well, or well enough
    "json": lambda v, m: v.send(200, good(m)),
    "charset": lambda v, m: v.send(200, good(m), "Application/JSON; charset=utf-8"),
    "events": lambda v, m: v.stream(good(m)),
    "packed": lambda v, m: v.send(200, gzip.compress(good(m)), Content_Encoding="gzip"),
    "packed_events": lambda v, m: v.send(
        200, gzip.compress(b"data: " + good(m) + b"\r\n\r\n"), "text/event-stream", Content_Encoding="gzip"
    ),
    "notes_first": lambda v, m: v.stream(NOTE, NOTE, good(m)),
    "in_lines": lambda v, m: v.stream(json.dumps(json.loads(good(m)), indent=1).encode().replace(b"\n", b"\ndata: ")),
    "never_ending": never_ending,
    "left_alone": lambda v, m: v.send(200, encoded(id=m["id"], result=text(LEFT_ALONE.wait(10)))),
    "string_id": lambda v, m: v.send(200, encoded(id=str(m["id"]), result=GOOD)),
    "twice": lambda v, m: v.stream(good(m), good(m)),
    "wrong_id_first": lambda v, m: v.stream(encoded(id=9999, result=GOOD), good(m)),
    "noise_first": lambda v, m: v.stream(b"Listening on port 3000...", good(m)),
    "odd_event": lambda v, m: (v.stream(), v.wfile.write(b"event: endpoint\ndata: /x\n\ndata: " + good(m) + b"\n\n")),
    "error_400": lambda v, m: v.send(400, encoded(id=m["id"], error=ERROR)),
    # not at all
    "401": lambda v, m: v.send(401, b"who are you?", "text/plain", WWW_Authenticate='Bearer realm="x"'),
    "405": lambda v, m: v.send(405),
    "500": lambda v, m: v.send(500, HTML, "text/html"),
    "302": lambda v, m: v.send(302, Location="http://169.254.169.254/latest"),
    "202": lambda v, m: v.send(202),
    "204": lambda v, m: v.begin(204),
    "empty": lambda v, m: v.send(200),
    "html": lambda v, m: v.send(200, HTML, "text/html"),
    "no_type": lambda v, m: (v.begin(200, Content_Length=str(len(good(m)))), v.wfile.write(good(m))),
    "wrong_id": lambda v, m: v.send(200, encoded(id=9999, result=GOOD)),
    "null_id": lambda v, m: v.send(400, encoded(id=None, error={"code": -32700, "message": "cannot parse"})),
    "batch": lambda v, m: v.send(200, b"[" + good(m) + b"]"),
    "list_result": lambda v, m: v.send(200, encoded(id=m["id"], result=[1])),
    "bad_utf8": lambda v, m: v.send(200, good(m).replace(b"fine", b"\xff\xfe")),
    "nan": lambda v, m: v.send(200, encoded(id=m["id"], result={**GOOD, "x": float("nan")})),
    "nan_event": lambda v, m: v.stream(encoded(id=m["id"], result={**GOOD, "x": float("nan")})),
    "deep": lambda v, m: v.send(200, encoded(id=m["id"], result="@").replace(b'"@"', b"[" * 5000 + b"]" * 5000)),
    "big": lambda v, m: v.send(200, encoded(id=m["id"], result=text("x" * 2_000_000))),
    "bomb": lambda v, m: v.send(200, gzip.compress(b"x" * 50_000_000), Content_Encoding="gzip"),
    "bomb_of_events": lambda v, m: v.send(
        200, gzip.compress(b": x\n\n" * 1_000_000, 1), "text/event-stream", Content_Encoding="gzip"
    ),
    "brotli": lambda v, m: v.send(200, good(m), Content_Encoding="br"),
    "not_packed": lambda v, m: v.send(200, good(m), Content_Encoding="gzip"),
    "packed_in_part": lambda v, m: v.send(200, gzip.compress(good(m))[:-9], Content_Encoding="gzip"),
    "no_answer": lambda v, m: v.stream(NOTE),
    "no_event": lambda v, m: v.stream(),
    "endless_event": lambda v, m: many(v, b"data: " + b"x" * 65_000 + b"\n"),
    "endless_line": lambda v, m: many(v, b"x" * 65_000),
    "headers": lambda v, m: v.send(200, good(m), X_Long="x" * 200_000),
    "no_http": lambda v, m: raw(v, b"220 smtp.example.org ESMTP\r\n\r\n"),
    # gone
    "404": lambda v, m: v.send(404, b"{}"),
    "closed": lambda v, m: raw(v, b""),
    "reset": lambda v, m: reset(v),
    "body_in_part": lambda v, m: raw(
        v, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    ),
    "died": lambda v, m: dying(v),
    # late
    "drip": lambda v, m: dripping(v),
    "sleep": lambda v, m: time.sleep(60),
}

serve(lambda visitor, message: WAYS[message["params"]["arguments"]["way"]](visitor, message))
