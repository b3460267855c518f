"""A planned request → the method and params that go over the wire. Pure; knows the SDK's types alone.

Specification: https://modelcontextprotocol.io/specification/2025-11-25/server (one page per method).
"""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue, TypeAdapter

from harness.expressions import text_of
from harness.mcp.sdk import types
from harness.models.job import PlannedCall
from harness.models.method import Method

LIST_MEMBERS: Mapping[Method, str] = {
    Method.LIST_TOOLS: "tools",
    Method.LIST_RESOURCES: "resources",
    Method.LIST_TEMPLATES: "resourceTemplates",
    Method.LIST_PROMPTS: "prompts",
}
"""Methods that answer in pages, and the member of their results that holds a page."""
RAW_RESULT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
CURSOR = "cursor"


def raw_request(method: str, params: Mapping[str, JsonValue]) -> "types.Request[dict[str, Any], str]":
    """A request whose params the SDK does not look at: tests send wrong ones, too."""
    return types.Request[dict[str, Any], str](method=method, params=dict(params))


def params_of(call: PlannedCall) -> dict[str, JsonValue]:
    """What goes over the wire as the params of a call of any method but tools/call."""
    match call.method:
        case Method.READ_RESOURCE:
            return {"uri": call.name, **call.input}
        case Method.SUBSCRIBE:
            return {"uri": call.name or call.input.get("uri")}
        case Method.GET_PROMPT:
            return {"name": call.name, "arguments": {key: text_of(value) for key, value in call.input.items()}}
        case _:
            return {key: value for key, value in call.input.items() if key != CURSOR or value is not None}


def wants_all_pages(call: PlannedCall) -> bool:
    """A list is asked for page by page until its end, unless the test names a cursor, be it null."""
    return call.method in LIST_MEMBERS and CURSOR not in call.input
