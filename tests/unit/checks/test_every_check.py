"""For every check kind: answers that pass, and mutations of them that make exactly that check fail."""

from dataclasses import dataclass
from typing import Any

import pytest

from harness.checks.answer import Answer, RpcError
from harness.checks.judge import judge
from harness.checks.table import ANSWER_CHECKS, FIELD_CHECKS
from harness.models.expected import Expected, FieldExpectation


def holding(value: Any) -> Answer:
    """A result whose structured content has `value` under `x`."""
    return Answer(result={"content": [], "structuredContent": {"x": value}})


def tool_error(text: str) -> Answer:
    return Answer(result={"content": [{"type": "text", "text": text}], "isError": True})


def rpc_error(code: int, message: str) -> Answer:
    return Answer(error=RpcError(code, message))


EMPTY = Answer(result={"content": [], "structuredContent": {}})


@dataclass(frozen=True)
class Row:
    """What an author writes about one value, values that satisfy it, and values that do not."""

    check: str
    wanted: Any
    good: tuple[Any, ...]
    bad: tuple[Any, ...]


FIELD_ROWS = (
    Row("value", "abc", ("abc",), ("abd", "abcd", "", None, 1, ["abc"])),
    Row("value", 1, (1, 1.0), (2, 1.5, True, "1", None, [1])),
    Row("value", True, (True,), (False, 1, 1.0, "true", None)),
    Row("value", None, (None,), (False, 0, "", [], {})),
    Row("value", [1, {"a": [2]}], ([1.0, {"a": [2]}],), ([1, {"a": [3]}], [1], [{"a": [2]}, 1], [1, {"a": [2]}, 3])),
    Row("value", {"a": 1, "b": 2}, ({"b": 2, "a": 1},), ({"a": 1}, {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": True})),
    Row("field_type", "string", ("", "1"), (1, None, True, [], {})),
    Row("field_type", "number", (0, 1.5, -3), ("1", True, None, [], {})),
    Row("field_type", "integer", (0, 7, 7.0, 10**30), (7.5, True, "7", None, float("nan"), float("inf"))),
    Row("field_type", "boolean", (True, False), (0, 1, "true", None)),
    Row("field_type", "array", ([], [1]), ({}, "[]", None)),
    Row("field_type", "object", ({}, {"a": 1}), ([], "{}", None)),
    Row("field_type", "null", (None,), (0, "", False, [], {})),
    Row("pattern", r"(\d+) of (\d+)", ("3 of 7", "page 13 of 70!"), ("three of 7", "", 3, None, ["3 of 7"])),
    Row("pattern", "^ab$", ("ab",), ("ab\n", "xab", "a\nb")),
    Row("contains", "100", ("100", "is 100.", ["1", "100"]), ("10", "", ["1001"], [100], 100, {"100": 1}, None)),
    Row("contains", 100, ("sum 100", [100], [1, 100.0]), ("10", ["100"], [101], 100, {}, None)),
    Row("contains", True, ("it is true", [True]), ("True", [1], True)),
    Row("contains", None, ("null", [None]), ("nil", [0], None)),
    Row("contains", {"a": 1}, ([{"a": 1}], [0, {"a": 1.0}]), ([{"a": 2}], [{"a": 1, "b": 2}], '{"a": 1}', {"a": 1})),
    Row("min", 5, (5, 5.0, 6, 10**400), (4, 4.999, -5, "6", True, None, [6], float("nan"))),
    Row("max", 5, (5, 4.9, -(10**400)), (6, 5.001, "4", True, None, [4], float("nan"))),
    Row("min_length", 2, ("ab", "🚀🚀", [1, 2], {"a": 1, "b": 2}), ("a", "🚀", [1], {"a": 1}, 22, None)),
    Row("max_length", 1, ("", "a", "🚀", [1], {"a": 1}), ("ab", [1, 2], {"a": 1, "b": 2}, 1, None)),
    Row("array_length", 2, ([1, 2],), ([1], [1, 2, 3], [], "ab", {"a": 1, "b": 2}, 2, None)),
)
FIELD_PASSES = [(row, value) for row in FIELD_ROWS for value in row.good]
FIELD_FAILURES = [(row, value) for row in FIELD_ROWS for value in row.bad]


@dataclass(frozen=True)
class ErrorRow:
    """What an author expects of the end of a call; answers that satisfy it and answers that do not."""

    check: str
    expected: Expected
    good: tuple[Answer, ...]
    bad: tuple[Answer, ...]


NOT_FOUND = Expected(error=True, error_message_contains="not found")
ERROR_ROWS = (
    ErrorRow("error", Expected(error=True), (tool_error("no"), rpc_error(-1, "no")), (EMPTY, holding({"isError": 1}))),
    ErrorRow("error", Expected(), (EMPTY, Answer(result={"isError": False})), (tool_error("no"), rpc_error(-1, "no"))),
    ErrorRow("error", Expected(error_code=-32602), (rpc_error(-32602, ""),), (EMPTY,)),
    ErrorRow(
        "error_code",
        Expected(error=True, error_code=-32602),
        (rpc_error(-32602, "invalid"),),
        (rpc_error(-32603, "invalid"), tool_error("MCP error -32602")),
    ),
    ErrorRow(
        "error_message_contains",
        NOT_FOUND,
        (tool_error("file not found"), rpc_error(1, "not found: x")),
        (tool_error("Not Found"), rpc_error(1, "found"), tool_error("")),
    ),
)
ERROR_PASSES = [(row, answer) for row in ERROR_ROWS for answer in row.good]
ERROR_FAILURES = [(row, answer) for row in ERROR_ROWS for answer in row.bad]


def expectation(row: Row) -> Expected:
    return Expected.model_validate({"fields": [{"path": "$.structuredContent.x", row.check: row.wanted}]})


@pytest.mark.parametrize(("row", "value"), FIELD_PASSES)
def test_a_value_as_expected_passes(row: Row, value: Any) -> None:
    assert judge(expectation(row), holding(value)) == ()


@pytest.mark.parametrize(("row", "value"), FIELD_FAILURES)
def test_a_mutated_value_fails_that_check(row: Row, value: Any) -> None:
    (failure,) = judge(expectation(row), holding(value))
    assert (failure.check, failure.path) == (row.check, "$.structuredContent.x")


@pytest.mark.parametrize("row", FIELD_ROWS)
def test_a_missing_value_fails_as_required_and_passes_when_it_is_not(row: Row) -> None:
    (failure,) = judge(expectation(row), EMPTY)
    assert failure.check == "required"
    optional = {"path": "$.structuredContent.x", row.check: row.wanted, "required": False}
    assert judge(Expected.model_validate({"fields": [optional]}), EMPTY) == ()


@pytest.mark.parametrize(("row", "answer"), ERROR_PASSES)
def test_an_end_as_expected_passes(row: ErrorRow, answer: Answer) -> None:
    assert judge(row.expected, answer) == ()


@pytest.mark.parametrize(("row", "answer"), ERROR_FAILURES)
def test_a_mutated_end_fails_that_check(row: ErrorRow, answer: Answer) -> None:
    (failure,) = judge(row.expected, answer)
    assert failure.check == row.check


def test_every_key_of_the_format_has_a_check_and_every_check_has_rows() -> None:
    field_keys = set(FieldExpectation.model_fields) - {"path", "required"}
    answer_keys = set(Expected.model_fields) - {"fields"}
    assert (set(FIELD_CHECKS), set(ANSWER_CHECKS)) == (field_keys, answer_keys)
    assert {row.check for row in FIELD_ROWS if row.good and row.bad} == field_keys
    assert {row.check for row in ERROR_ROWS if row.good and row.bad} == answer_keys
