"""What steps of a test stored: an answer as later steps find it under `${steps.NAME.…}`. Pure."""

import json
from collections.abc import Mapping

from pydantic import JsonValue

from harness.checks.answer import Answer
from harness.checks.subject import document, joined_text

RESULT, TEXT = "result", "text"
MAX_PARSED_CHARACTERS = 1024 * 1024


def stored(answer: Answer) -> dict[str, JsonValue]:
    """The members of its structured content, or of the JSON object in its text; beside them `result` and `text`.

    `result` is the whole result (or `{"error": …}`), `text` its texts joined by line ends. They yield to members of
    the same name that the server sent.
    """
    whole = document(answer)
    text = joined_text(whole.get("content"))
    return {RESULT: whole, TEXT: text, **_content(whole, text)}


def _content(whole: Mapping[str, JsonValue], text: str) -> Mapping[str, JsonValue]:
    structured = whole.get("structuredContent")
    if isinstance(structured, dict):
        return structured
    if not text.lstrip().startswith("{") or len(text) > MAX_PARSED_CHARACTERS:
        return {}
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
