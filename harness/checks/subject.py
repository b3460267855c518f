"""What the paths of a suite look at: the one place that says how an answer becomes a document.

A tool result is the document: `{"content": […], "isError": …, "structuredContent": …}`. An absent `isError` is false.
A result with `isError: true` also offers `$.error.message`, the texts of its content joined by line ends; a member
`error` that the server sent itself stays and wins. A JSON-RPC error is the document `{"error": {"code", "message",
"data"}}`; `data` only when it was sent.

What a path selects in it becomes one value, as in the seed: nothing = missing, one node = that value, several nodes =
the array of their values. So `$.content[*].text` of a single item is a string, and of two an array of strings.
"""

from collections.abc import Sequence
from typing import Any

from harness.checks.answer import Answer, RpcError

MISSING = object()


def document(answer: Answer) -> dict[str, Any]:
    """The JSON document that paths look at; a new one, sharing the answer's values."""
    if answer.error is not None:
        return {"error": _rpc_error(answer.error)}
    result = {"isError": False, **(answer.result or {})}
    if answer.is_tool_error:
        own = result.get("error", {})
        result["error"] = {"message": joined_text(result.get("content")), **own} if isinstance(own, dict) else own
    return result


def joined_text(content: Any) -> str:
    """The texts of a result's content, joined by line ends; other kinds of content have none."""
    if not isinstance(content, list):
        return ""
    return "\n".join(
        item["text"]
        for item in content
        if isinstance(item, dict) and item.get("type") == "text" and isinstance(item.get("text"), str)
    )


def selected_value(nodes: Sequence[Any]) -> Any:
    """The value that the nodes of a path stand for, or MISSING."""
    if not nodes:
        return MISSING
    return nodes[0] if len(nodes) == 1 else list(nodes)


def _rpc_error(error: RpcError) -> dict[str, Any]:
    document = {"code": error.code, "message": error.message}
    return document if error.data is None else {**document, "data": error.data}
