"""Reads one line of a server: a JSON-RPC message as the SDK knows it, or what is wrong with it. Pure.

Stricter than the SDK where the SDK would hide a fault: NaN and Infinity are not JSON, an error code is a number.
Faster, too: the SDK's own adapter tries every kind of message on every line.
"""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from harness.mcp.sdk import types
from harness.safe_text import one_line

Message = types.JSONRPCRequest | types.JSONRPCNotification | types.JSONRPCResponse | types.JSONRPCError
RequestId = int | str

_SEARCHED_BYTES = 2048
_ID = re.compile(rb'"id"\s*:\s*(?:"([^"\\]{1,64})"|(-?\d{1,18})\b)')


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is no message. `ids`: the requests that it may have been meant to answer; empty for mere noise."""

    reason: str
    ids: tuple[RequestId, ...] = ()


_NO_OBJECT = Unreadable("not a JSON object")


def read_line(line: bytes) -> Message | Unreadable:
    """The message in `line` (UTF-8 JSON, without its newline)."""
    if not line.lstrip().startswith(b"{"):
        return _NO_OBJECT
    try:
        content = from_json(line, allow_inf_nan=False)
    except ValueError as problem:
        return Unreadable(_syntax(line, str(problem)), _ids_in_text(line))
    try:
        return _message(content)
    except ValidationError as problem:
        return Unreadable(first_error(problem), _id_of(content))


def first_error(problem: ValidationError) -> str:
    """The first thing that a model refused, as `path: reason`."""
    first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    return one_line(f"{path}: {first['msg']}" if path else first["msg"], 300)


def _message(content: dict[str, Any]) -> Message | Unreadable:
    if "method" in content:
        kind = types.JSONRPCRequest if "id" in content else types.JSONRPCNotification
        return kind.model_validate(content, by_name=False)
    if "error" not in content:
        return types.JSONRPCResponse.model_validate(content, by_name=False)
    error = types.JSONRPCError.model_validate(content, by_name=False)
    if "result" in content:
        return Unreadable("both a result and an error", _id_of(content))
    if not _is_number(content["error"]["code"]):
        return Unreadable("error.code: should be a number", _id_of(content))
    return error


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _id_of(content: dict[str, Any]) -> tuple[RequestId, ...]:
    """The id of something that wanted to be an answer. A log line in JSON may carry an id, but no result."""
    request_id = content.get("id")
    is_answer = "result" in content or "error" in content
    return (request_id,) if is_answer and isinstance(request_id, int | str) else ()


def _ids_in_text(line: bytes) -> tuple[RequestId, ...]:
    """Ids found near the ends of what cannot be parsed but names JSON-RPC: there the members of an envelope stand."""
    if b'"jsonrpc"' not in line[:_SEARCHED_BYTES] + line[-_SEARCHED_BYTES:]:
        return ()
    found = _ID.findall(line[:_SEARCHED_BYTES]) + _ID.findall(line[-_SEARCHED_BYTES:])
    return tuple({text.decode("utf-8", "replace") if text else int(number) for text, number in found})


def _syntax(line: bytes, reason: str) -> str:
    if b"NaN" in line or b"Infinity" in line:
        return "NaN or Infinity, which JSON does not have"
    return f"not JSON ({one_line(reason, 100)})"
