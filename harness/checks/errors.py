"""The checks on how a call ended: `error`, `error_code`, `error_message_contains`.

A JSON-RPC error and a result with `isError: true` are both errors: both satisfy `error: true`, both break
`error: false`. Naming a code or a message expects an error, whether or not `error: true` stands beside it; so does an
entry of `expected_errors` that should occur.
"""

from collections.abc import Iterator
from typing import Any

from harness.checks.answer import Answer
from harness.checks.budget import Budget
from harness.checks.case import Case, Found
from harness.checks.show import LIMIT, Mismatch, show
from harness.checks.subject import document, joined_text
from harness.models.expected import Expected
from harness.safe_text import one_line


def ends_as_expected(case: Case) -> Iterator[Found]:
    """The answer is an error exactly when the author expects one."""
    if expects_error(case.expected) != case.answer.is_error:
        words = "no error" if case.answer.is_error else "an error"
        yield Found(Mismatch(words, describe(case.answer)))


def has_error_code(case: Case) -> Iterator[Found]:
    """The error carries this code; an `isError` result usually carries none, and then fails."""
    code, error = case.expected.error_code, error_of(case.answer)
    if code is None or error.get("code") == code:
        return
    shown = describe(case.answer)
    if "code" not in error:
        shown = one_line(f"no code: {shown}", LIMIT)
    yield Found(Mismatch(f"code {show(code, 30)}", shown))


def has_error_message(case: Case) -> Iterator[Found]:
    """The error's message contains this text, upper and lower case told apart."""
    part, message = case.expected.error_message_contains, error_of(case.answer).get("message")
    if part is None or (isinstance(message, str) and _is_within(part, message, case.budget)):
        return
    yield Found(Mismatch(f"message that contains {show(part, 200)}", describe(case.answer)))


def expects_error(expected: Expected) -> bool:
    """Whether the author wants the call to fail."""
    return (
        expected.error
        or expected.error_code is not None
        or expected.error_message_contains is not None
        or any(entry.should_occur for entry in expected.expected_errors)
    )


def describe(answer: Answer) -> str:
    """An answer on one line: which kind it is and what it says, escaped and cut."""
    if answer.error is not None:
        return one_line(f"JSON-RPC error {show(answer.error.code, 30)}: {answer.error.message[:LIMIT]}", LIMIT)
    text = joined_text((answer.result or {}).get("content"))[:LIMIT] or show(answer.result)
    return one_line(f"{'result with isError' if answer.is_tool_error else 'result'}: {text}", LIMIT)


def error_of(answer: Answer) -> dict[str, Any]:
    """The error as `$.error` finds it; empty where there is none."""
    error = document(answer).get("error")
    return error if isinstance(error, dict) else {}


def _is_within(part: str, message: str, budget: Budget) -> bool:
    budget.spend_text(len(part) + len(message))
    return part in message
