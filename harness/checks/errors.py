"""The checks on how a call ended: `error`, `error_code`, `error_message_contains`.

A JSON-RPC error and a result with `isError: true` are both errors: both satisfy `error: true`, both break
`error: false`. Naming a code or a message expects an error, whether or not `error: true` stands beside it.
"""

from typing import Any

from harness.checks.answer import Answer
from harness.checks.budget import Budget
from harness.checks.show import LIMIT, Mismatch, show
from harness.checks.subject import document, joined_text
from harness.models.expected import Expected
from harness.safe_text import one_line


def ends_as_expected(expected: Expected, answer: Answer, budget: Budget) -> Mismatch | None:
    """The answer is an error exactly when the author expects one."""
    if _expects_error(expected) == answer.is_error:
        return None
    return Mismatch("no error" if answer.is_error else "an error", describe(answer))


def has_error_code(expected: Expected, answer: Answer, budget: Budget) -> Mismatch | None:
    """The error carries this code; an `isError` result usually carries none, and then fails."""
    error = _error_of(answer)
    if expected.error_code is None or error.get("code") == expected.error_code:
        return None
    if "code" not in error:
        return Mismatch(f"code {expected.error_code}", one_line(f"no code: {describe(answer)}", LIMIT))
    return Mismatch(f"code {expected.error_code}", describe(answer))


def has_error_message(expected: Expected, answer: Answer, budget: Budget) -> Mismatch | None:
    """The error's message contains this text, upper and lower case told apart."""
    part, message = expected.error_message_contains, _error_of(answer).get("message")
    if part is None or (isinstance(message, str) and _is_within(part, message, budget)):
        return None
    return Mismatch(f"message that contains {show(part, 200)}", describe(answer))


def describe(answer: Answer) -> str:
    """An answer on one line: which kind it is and what it says, escaped and cut."""
    if answer.error is not None:
        return one_line(f"JSON-RPC error {show(answer.error.code, 30)}: {answer.error.message[:LIMIT]}", LIMIT)
    text = joined_text((answer.result or {}).get("content"))[:LIMIT] or show(answer.result)
    return one_line(f"{'result with isError' if answer.is_tool_error else 'result'}: {text}", LIMIT)


def _expects_error(expected: Expected) -> bool:
    return expected.error or expected.error_code is not None or expected.error_message_contains is not None


def _error_of(answer: Answer) -> dict[str, Any]:
    error = document(answer).get("error")
    return error if isinstance(error, dict) else {}


def _is_within(part: str, message: str, budget: Budget) -> bool:
    budget.spend_text(len(part) + len(message))
    return part in message
