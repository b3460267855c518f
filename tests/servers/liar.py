"""Answers `go` in the wrong way that the argument `way` names."""

import json

from speak import reply, serve, text, write

GOOD = text("fine")


def envelope(request: dict, **members: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": request["id"], **members}).encode() + b"\n"


WAYS = {
    "string_code": lambda r: write(envelope(r, error={"code": "E_BAD", "message": "no"})),
    "string_number_code": lambda r: write(envelope(r, error={"code": "-32000", "message": "no"})),
    "nan": lambda r: write(envelope(r, result={**GOOD, "extra": float("nan")})),
    "bad_utf8": lambda r: write(envelope(r, result=text("@@")).replace(b"@@", b"\xff\xfe")),
    "lone_surrogate": lambda r: write(envelope(r, result=text("\ud800"))),
    "list_result": lambda r: write(envelope(r, result=[1])),
    "result_and_error": lambda r: write(envelope(r, result=GOOD, error={"code": 1, "message": "x"})),
    "no_jsonrpc": lambda r: write(json.dumps({"id": r["id"], "result": GOOD}).encode() + b"\n"),
    "truncated": lambda r: write(envelope(r, result=GOOD)[:-3] + b"\n"),
    "deep": lambda r: write(envelope(r, result={"content": "@"}).replace(b'"@"', b"[" * 5000 + b"]" * 5000)),
    "unknown_content": lambda r: write(envelope(r, result={"content": [{"type": "video", "url": "x"}]})),
    "null_id": lambda r: write(b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"cannot parse"}}\n'),
    "string_id": lambda r: write(json.dumps({"jsonrpc": "2.0", "id": str(r["id"]), "result": GOOD}).encode() + b"\n"),
    "twice": lambda r: (reply(r, GOOD), reply(r, GOOD)),
    "wrong_id_first": lambda r: (reply({"id": 9999}, GOOD), reply(r, GOOD)),
    "noise_first": lambda r: (write(b"Listening on port 3000...\n\x1b[31mhello\n"), reply(r, GOOD)),
    "json_log_first": lambda r: (write(b'{"level":"info","id":%d,"msg":"called"}\n' % r["id"]), reply(r, GOOD)),
    "crlf": lambda r: write(envelope(r, result=GOOD).replace(b"\n", b"\r\n")),
    "extra_members": lambda r: write(envelope(r, result={**GOOD, "vendor": {"a": [1, None]}, "ttlMs": -1})),
    "endless_line": lambda r: write(b"x" * 50_000_000),
    "close_stdout": lambda r: __import__("os").close(1),
}

serve(lambda request: WAYS[request["params"]["arguments"]["way"]](request))
