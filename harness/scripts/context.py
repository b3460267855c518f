"""What a script is told: the request, the answer, and what the harness knows of both. Pure.

One shape for all that documents and examples read. `response` is the result as the server sent it (`content`,
`isError`, …), with the members of its structured content, or of the JSON object in its text, beside them: the
result's own members win. A JSON-RPC error is `{"error": {…}}`. In the preludes a number finds the element of
`content`, too: `response[1].text` in Lua, `response[0].text` elsewhere. `request` has `method`, `name`, `arguments`
and the same as `params`, and beside them the arguments under their own names.
"""

import json
from typing import Any

from pydantic import Field, JsonValue

from harness.checks.answer import Answer
from harness.models.job import PlannedCall
from harness.models.script import Phase
from harness.models.wire import Wire
from harness.results import RESULT, TEXT, stored


class ScriptMetadata(Wire):
    """`context.metadata` of a script."""

    test_name: str
    test_id: str = ""
    tool_name: str = Field(default="", description="tool, prompt or URI")
    method: str = ""
    phase: Phase = Phase.AFTER
    suite: str = ""
    target: str = ""
    duration_ms: float | None = Field(default=None, description="of the call, stamped beside the server")
    server_name: str = ""
    server_version: str = ""
    protocol_version: str = ""


class ScriptContext(Wire):
    """All that a script finds on its standard input, but for its `params`."""

    request: dict[str, JsonValue]
    response: JsonValue = Field(default=None, description="None before the call")
    metadata: ScriptMetadata


def context_of(call: PlannedCall, answer: Answer | None, metadata: ScriptMetadata) -> ScriptContext:
    """The context of a call as it went out, and of what came back."""
    own = {"method": str(call.method), "name": call.name, "arguments": call.input, "params": call.input}
    return ScriptContext(
        request={**call.input, **own}, response=None if answer is None else _response(answer), metadata=metadata
    )


def context_json(context: ScriptContext, params: dict[str, JsonValue]) -> bytes:
    """What a script reads: the context under every name that the documents use. ASCII, one line."""
    metadata = context.metadata.model_dump(mode="json")
    written: dict[str, Any] = {
        "request": context.request,
        "response": context.response,
        "metadata": metadata,
        "context": metadata,
        "params": params,
        "tool": context.metadata.tool_name,
        "test_case": {"name": context.metadata.test_name, "input": context.request["arguments"]},
    }
    return json.dumps(written).encode()


def _response(answer: Answer) -> dict[str, JsonValue]:
    found = stored(answer)
    whole = found[RESULT]
    assert isinstance(whole, dict)
    content = {name: member for name, member in found.items() if name not in (RESULT, TEXT)}
    return {**content, **whole}
