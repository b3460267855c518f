"""What the paths of a suite look at: the one place that says how an answer becomes a document.

`result`: a tool result is the document: `{"content": […], "isError": …, "structuredContent": …}`. An absent `isError`
is false. A result with `isError: true` also offers `$.error.message`, the texts of its content joined by line ends; a
member `error` that the server sent itself stays and wins. A JSON-RPC error is the document `{"error": {"code",
"message", "data"}}`; `data` only when it was sent.

`content`: what the result carries: its `structuredContent`; else the JSON object or array in its only text; else its
texts, joined. A result without texts, and a JSON-RPC error, are what they are as `result`.
"""

import json
from typing import Any

from harness.checks.answer import Answer, RpcError
from harness.checks.budget import Budget
from harness.models.expected import Subject

CHARACTERS_PER_STEP = 50  # of reading JSON


def documents(subject: Subject, answer: Answer, budget: Budget) -> tuple[Any, ...]:
    """Where a path is looked up, in this order: the first document in which it finds something counts."""
    if subject is Subject.RESULT:
        return (document(answer),)
    if subject is Subject.CONTENT:
        return (content(answer, budget),)
    return document(answer), content(answer, budget)


def document(answer: Answer) -> dict[str, Any]:
    """The answer as `result`: a new document, sharing the answer's values."""
    if answer.error is not None:
        return {"error": _rpc_error(answer.error)}
    result = {"isError": False, **(answer.result or {})}
    if answer.is_tool_error:
        own = result.get("error", {})
        result["error"] = {"message": joined_text(result.get("content")), **own} if isinstance(own, dict) else own
    return result


def content(answer: Answer, budget: Budget) -> Any:
    """The answer as `content`; raises BudgetSpent."""
    if answer.result is None:
        return document(answer)
    if answer.result.get("structuredContent") is not None:
        return answer.result["structuredContent"]
    texts = _texts(answer.result.get("content", answer.result.get("contents")))
    if not texts:
        return document(answer)
    return _read_json(texts[0], budget) if len(texts) == 1 else "\n".join(texts)


def joined_text(content: Any) -> str:
    """The texts of a result's content, joined by line ends; other kinds of content have none."""
    if not isinstance(content, list):
        return ""
    return "\n".join(
        item["text"]
        for item in content
        if isinstance(item, dict) and item.get("type") == "text" and isinstance(item.get("text"), str)
    )


def _texts(items: Any) -> list[str]:
    """The texts of contents of any method."""
    blocks = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return [block["text"] for block in blocks if isinstance(block.get("text"), str)]


def _read_json(text: str, budget: Budget) -> Any:
    """The object or array that the text is; the text itself when it is none, or cannot be read."""
    if text.lstrip()[:1] not in ("{", "["):
        return text
    budget.spend(1 + len(text) // CHARACTERS_PER_STEP)
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _rpc_error(error: RpcError) -> dict[str, Any]:
    document = {"code": error.code, "message": error.message}
    return document if error.data is None else {**document, "data": error.data}
