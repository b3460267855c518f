"""The check `expected_errors`: errors that must come, one of them, and errors that must not."""

from collections.abc import Iterator, Mapping

from harness.checks.case import Case, Found
from harness.checks.errors import describe, error_of
from harness.checks.pattern import compile_pattern
from harness.checks.show import LIMIT, Mismatch, show
from harness.models.expected import ExpectedError
from harness.safe_text import one_line

TOOL_ERROR = "tool_error"
CODES: Mapping[str, int] = {
    "parse_error": -32700,
    "invalid_request": -32600,
    "method_not_found": -32601,
    "invalid_params": -32602,
    "internal_error": -32603,
}
"""Words for errors that JSON-RPC defines: https://www.jsonrpc.org/specification#error_object."""


def has_expected_errors(case: Case) -> Iterator[Found]:
    """One of those that should occur did, and none of the others."""
    wanted = [entry for entry in case.expected.expected_errors if entry.should_occur]
    if wanted and not any(_is_this(entry, case) for entry in wanted):
        yield Found(Mismatch(one_line(" or ".join(_words(entry) for entry in wanted), LIMIT), describe(case.answer)))
    for entry in case.expected.expected_errors:
        if not entry.should_occur and case.answer.is_error and _is_this(entry, case):
            yield Found(Mismatch(one_line(f"no {_words(entry)}", LIMIT), describe(case.answer)))


def is_compared(error_type: str) -> bool:
    """Whether this word says something about an answer, and is not only a name."""
    return error_type in CODES or error_type == TOOL_ERROR


def _is_this(entry: ExpectedError, case: Case) -> bool:
    """Everything that the entry says of an error is true of this answer."""
    error = error_of(case.answer)
    if entry.error_type == TOOL_ERROR and not case.answer.is_tool_error:
        return False
    codes = {code for code in (CODES.get(entry.error_type), entry.expected_code) if code is not None}
    if any(error.get("code") != code for code in codes):
        return False
    message = error.get("message")
    if entry.error_message_pattern is None:
        return case.answer.is_error
    return isinstance(message, str) and _is_found(entry.error_message_pattern, message, case)


def _is_found(pattern: str, message: str, case: Case) -> bool:
    try:
        return compile_pattern(pattern).is_found_in(message, case.budget)
    except ValueError:  # suites are refused at load; a plan may still come from elsewhere
        return False


def _words(entry: ExpectedError) -> str:
    said = [entry.error_type] if entry.error_type else []
    if entry.expected_code is not None:
        said.append(f"code {show(entry.expected_code, 30)}")
    if entry.error_message_pattern is not None:
        said.append(f"message that matches {show(entry.error_message_pattern, 150)}")
    return "error " + ", ".join(said) if said else "error"
