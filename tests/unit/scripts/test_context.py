"""The one shape in which a script finds request and answer."""

import json

from harness.checks.answer import Answer, RpcError
from harness.models.job import PlannedCall
from harness.models.method import Method
from harness.scripts.context import ScriptMetadata, context_json, context_of

METADATA = ScriptMetadata(test_name="adds", tool_name="add", method="tools/call", duration_ms=1.5)
CALL = PlannedCall(method=Method.CALL_TOOL, name="add", input={"a": 1, "name": "sum"})


def test_the_request_has_its_arguments_by_every_documented_name() -> None:
    assert context_of(CALL, None, METADATA).request == {
        "a": 1,
        "method": "tools/call",
        "name": "add",
        "arguments": {"a": 1, "name": "sum"},
        "params": {"a": 1, "name": "sum"},
    }


def test_the_response_is_the_result_with_the_members_of_its_content() -> None:
    content = [{"type": "text", "text": '{"tables": ["users"], "content": "mine"}'}]
    found = context_of(CALL, Answer(result={"content": content}), METADATA).response
    assert found == {"isError": False, "content": content, "tables": ["users"]}


def test_structured_content_wins_over_text() -> None:
    result = {"content": [{"type": "text", "text": '{"sum": 1}'}], "structuredContent": {"sum": 2}}
    assert context_of(CALL, Answer(result=result), METADATA).response == {"isError": False, "sum": 2, **result}


def test_an_error_is_an_object_with_its_code_and_message() -> None:
    found = context_of(CALL, Answer(error=RpcError(-32602, "no")), METADATA).response
    assert found == {"error": {"code": -32602, "message": "no"}}


def test_what_travels_has_the_metadata_under_both_names_and_the_params() -> None:
    told = json.loads(context_json(context_of(CALL, None, METADATA), {"limit": 3}))
    metadata = METADATA.model_dump(mode="json")
    assert told.pop("request")["a"] == 1
    assert told == {
        "response": None,
        "metadata": metadata,
        "context": metadata,
        "params": {"limit": 3},
        "tool": "add",
        "test_case": {"name": "adds", "input": {"a": 1, "name": "sum"}},
    }
