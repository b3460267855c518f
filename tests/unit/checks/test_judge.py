"""The verdict as a whole: every key counts, texts are short and safe, nothing raises."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.checks.answer import Answer, RpcError
from harness.checks.case import JudgeInputs
from harness.checks.judge import judge
from harness.checks.verdict import Judgement
from harness.models.attempt import CheckFailure
from harness.models.evidence import HeldCheck
from harness.models.expected import (
    Expected,
    FieldExpectation,
    FieldType,
    Redaction,
    SecurityConstraint,
    Severity,
    Subject,
)


def expecting(*fields: dict[str, Any]) -> Expected:
    return Expected.model_validate({"fields": fields})


def failing(expected: Expected, answer: Answer) -> tuple[CheckFailure, ...]:
    return judge(expected, answer).failures


def text_failure(check: str, expected: str, actual: str) -> CheckFailure:
    return CheckFailure(check=check, path="$[0].text", expected=expected, actual=actual, actual_type="string")


def text_result(*texts: str, **members: Any) -> Answer:
    return Answer(result={"content": [{"type": "text", "text": text} for text in texts], **members})


def test_every_key_of_an_entry_is_checked_and_every_failure_reported() -> None:
    everything = {"path": "$[0].text", "value": "b", "pattern": "^b", "contains": "b", "min_length": 9, "max_length": 0}
    failures = failing(expecting(everything, {"path": "$.isError", "value": True}), text_result("a"))
    assert failures == (
        text_failure("value", '"b"', '"a"'),
        text_failure("pattern", 'string that matches "^b"', '"a"'),
        text_failure("contains", 'string that contains "b"', '"a"'),
        text_failure("min_length", "length of at least 9", '1 characters: "a"'),
        text_failure("max_length", "length of at most 0", '1 characters: "a"'),
        CheckFailure(check="value", path="$.isError", expected="true", actual="false", actual_type="boolean"),
    )


def test_an_unexpected_error_is_the_only_failure_reported() -> None:
    expected = expecting({"path": "$[0].text", "value": "fine"})
    assert failing(expected, text_result("no such file", isError=True)) == (
        CheckFailure(check="error", expected="no error", actual="result with isError: no such file"),
    )
    assert failing(expected, Answer(error=RpcError(-32602, "bad\nname"))) == (
        CheckFailure(check="error", expected="no error", actual=r"JSON-RPC error -32602: bad\nname"),
    )


def test_a_missing_error_shows_what_came_instead() -> None:
    expected = Expected(error=True, error_code=404, error_message_contains="not found")
    assert failing(expected, text_result("hello")) == (
        CheckFailure(check="error", expected="an error", actual="result: hello"),
    )
    (failure,) = failing(expected, Answer(result={"content": [], "structuredContent": {"a": 1}}))
    assert failure.actual == 'result: {"content": [], "structuredContent": {"a": 1}}'


def test_a_code_expected_of_a_result_that_has_none_is_explained() -> None:
    (failure,) = failing(Expected(error=True, error_code=404), text_result("gone", isError=True))
    assert failure == CheckFailure(check="error_code", expected="code 404", actual="no code: result with isError: gone")


def test_what_a_path_does_not_find_is_named_with_what_there_is() -> None:
    (failure,) = failing(expecting({"path": "$.files"}), text_result("a"))
    assert failure == CheckFailure(
        check="required",
        path="$.files",
        expected="a value",
        actual="nothing; the answer has isError, content",
        actual_type="absent",
    )


def test_a_path_alone_asks_for_a_value_that_is_not_null() -> None:
    answer = Answer(result={"content": [], "structuredContent": {"x": None, "y": 0}})
    assert failing(expecting({"path": "$.structuredContent.y"}), answer) == ()
    (failure,) = failing(expecting({"path": "$.structuredContent.x"}), answer)
    assert failure == CheckFailure(
        check="required", path="$.structuredContent.x", expected="a value", actual="null", actual_type="null"
    )
    assert failing(expecting({"path": "$.structuredContent.x", "required": False}), answer) == ()


def test_a_null_that_was_given_survives_the_way_to_the_worker() -> None:
    expected = Expected.model_validate_json(expecting({"path": "$.isError", "value": None}).model_dump_json())
    (failure,) = failing(expected, text_result("a"))
    assert failure == CheckFailure(
        check="value", path="$.isError", expected="null", actual="false (boolean)", actual_type="boolean"
    )
    expected = Expected.model_validate_json(expecting({"path": "$.isError", "field_type": "boolean"}).model_dump_json())
    assert failing(expected, text_result("a")) == ()


def test_several_nodes_are_judged_as_an_array_and_one_node_as_itself() -> None:
    path = "$.content[*].text"
    assert failing(expecting({"path": path, "value": ["a", "b"], "array_length": 2}), text_result("a", "b")) == ()
    assert failing(expecting({"path": path, "value": "a"}), text_result("a")) == ()


def test_each_path_is_looked_up_where_it_finds_something() -> None:
    answer = text_result('{"status": "ok", "content": 5}')
    fields = (
        {"path": "status", "value": "ok"},
        {"path": "$[0].type", "value": "text"},
        {"path": "isError", "value": False},
    )

    judgement = judge(expecting(*fields).model_copy(update={"subject": Subject.AUTO}), answer)

    assert judgement.failures == ()


def test_ten_failures_are_listed_and_the_others_counted() -> None:
    fields = [{"path": "$[0].text", "min": number} for number in range(15)]

    judgement = judge(expecting(*fields), text_result("a"))

    assert (len(judgement.failures), judgement.left_out, len(judgement.held)) == (10, 5, 1)
    assert (
        len(judge(expecting(*fields).model_copy(update={"max_validation_errors": 3}), text_result("a")).failures) == 3
    )


def test_warnings_are_bounded_likewise() -> None:
    fields = [{"path": "$.gone", "required": False, "min": number} for number in range(15)]

    judgement = judge(expecting(*fields), text_result("a"))

    assert (judgement.failures, len(judgement.warnings), judgement.warnings_left_out) == ((), 10, 5)


def test_the_first_failure_is_the_only_one_where_the_author_wants_no_more() -> None:
    expected = Expected.model_validate(
        {
            "fields": [{"path": "$[0].text", "value": "b", "min": 1}, {"path": "$.gone"}],
            "schema_file": "x.json",
            "continue_on_validation_error": False,
        }
    )

    judgement = judge(expected, text_result("a"))

    assert ([failure.check for failure in judgement.failures], judgement.left_out) == (["value"], 0)


def test_what_holds_is_named_with_what_was_asked_for() -> None:
    expected = Expected.model_validate(
        {
            "fields": [{"path": "$[0].text", "value": "a", "max_length": 9}, {"path": "$.isError"}],
            "json_schema": {"type": "object"},
        }
    )

    judgement = judge(expected, text_result("a"))

    assert replace(judgement, holding=()) == Judgement()
    assert judgement.held == (
        HeldCheck(check="error", expected="false"),
        HeldCheck(check="value", path="$[0].text", expected='"a"'),
        HeldCheck(check="max_length", path="$[0].text", expected="9"),
        HeldCheck(check="required", path="$.isError", expected="a value"),
        HeldCheck(check="schema", expected='{"type": "object"}'),
    )


def test_a_budget_that_is_spent_is_never_left_out() -> None:
    fields = [{"path": "$.gone", "value": number} for number in range(3)]
    costly = {"path": "$..[?count($..*) > 1]"}
    expected = expecting(*fields, costly).model_copy(update={"max_validation_errors": 1})

    failures = failing(expected, Answer(result={"content": [{"n": number} for number in range(5_000)]}))

    assert [failure.check for failure in failures] == ["required", "budget"]


def test_text_from_a_server_is_shown_on_one_line_escaped_and_cut() -> None:
    hostile = "\x1b[2J\u202e" + "x" * 1_000_000
    (failure,) = failing(expecting({"path": "$[0].text", "value": "y\ud800"}), text_result(hostile))
    assert failure.expected == r'"y\ud800"'
    assert failure.actual.startswith(r'"\u001b[2J\u202exxx')
    assert (len(failure.actual), failure.actual[-3:]) == (300, "...")


def test_long_texts_are_shown_around_their_first_difference() -> None:
    same = "a" * 100_000
    (failure,) = failing(expecting({"path": "$[0].text", "value": same + "left"}), text_result(same + "right"))
    assert failure.expected == '..."' + "a" * 40 + 'left"'
    assert failure.actual == '..."' + "a" * 40 + 'right"'


def test_a_difference_deep_inside_is_named_by_its_place() -> None:
    wanted = {"items": [{"id": 1, "tags": ["x", "y"]}, {"id": 2}]}
    for actual, texts in (
        (
            {"items": [{"id": 1, "tags": ["x", "z"]}, {"id": 2}]},
            ('at items[0].tags[1]: "y"', 'at items[0].tags[1]: "z"'),
        ),
        ({"items": [{"id": 1, "tags": ["x", "y"]}, {}]}, ("at items[1].id: 2", "at items[1].id: nothing")),
        ({**wanted, "more": 1}, ("at more: nothing", "at more: 1")),
        ({"items": [{"id": "1", "tags": []}, {}]}, ("at items[0].id: 1 (number)", 'at items[0].id: "1" (string)')),
        (
            {"items": [{"id": 1, "tags": ["x"]}, {"id": 2}]},
            ('at items[0].tags: 2 elements: ["x", "y"]', 'at items[0].tags: 1 elements: ["x"]'),
        ),
    ):
        (failure,) = failing(
            expecting({"path": "$.structuredContent", "value": wanted}),
            Answer(result={"structuredContent": actual}),
        )
        assert (failure.expected, failure.actual) == texts


def test_a_bad_path_or_pattern_in_a_plan_is_a_failure_not_a_crash() -> None:
    failures = failing(expecting({"path": "$["}, {"path": "$[0].text", "pattern": "(?=a)"}), text_result("a"))
    assert failures == (
        CheckFailure(check="path", path="$[", expected="a path", actual="not a path: unexpected end of query in '$['"),
        CheckFailure(
            check="pattern",
            path="$[0].text",
            expected="a pattern",
            actual="lookahead (?=…) is not supported",
            actual_type="string",
        ),
    )


@pytest.mark.parametrize(
    "field",
    [
        {"path": "$..*..*..*"},
        {"path": "$" + "[*,*]" * 60},
        {"path": "$..[?count($..*) > 3]"},
        {"path": "$.structuredContent.wide", "contains": {"x": [*range(49), -1]}},
        {"path": "$[0].text", "pattern": "(a|b)*a(a|b){300}c"},
    ],
)
def test_work_beyond_the_budget_is_a_failure_that_keeps_those_found_before(field: dict[str, Any]) -> None:
    wide: list[Any] = [{"x": list(range(50))} for _ in range(20_000)]
    answer = text_result("ab" * 1_500_000, structuredContent={"wide": wide, "deep": nested(500)})
    failures = failing(expecting({"path": "$.nothing"}, field), answer)
    assert failures[0].check == "required"
    assert failures[1:] == (
        CheckFailure(
            check="budget",
            expected="an answer that can be judged",
            actual="judging it takes more than 2,000,000 steps",
        ),
    )


def nested(depth: int) -> Any:
    value: Any = "bottom"
    for _ in range(depth):
        value = [value]
    return value


def test_values_nested_deeper_than_recursion_reaches_are_judged() -> None:
    answer = Answer(result={"structuredContent": nested(100_000)})
    assert failing(expecting({"path": "$..[?@ == 'bottom']", "value": "bottom"}), answer) == ()
    (failure,) = failing(expecting({"path": "$.structuredContent", "value": []}), answer)
    assert failure.actual == "1 elements: [[[[[[[[[...]]]]]]]]]"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.builds(lambda: 10**5000)  # more digits than Python writes, in a test report too
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
PATHS = (
    st.text(max_size=10)
    | st.sampled_from(
        ("", "$", "$[0].text", "$..*", "$.error.message", "$.content[*].text", "$.isError", "$.structuredContent.a.b")
    )
    | st.sampled_from(
        (
            "$.structuredContent[?@.a > 1]",
            "$..[?match(@, 'a.*')]",
            "$..[?@ == $.content]",
            "$.content[::-1]",
            "$[",
            "a b",
        )
    )
)
FIELDS = st.builds(
    lambda chosen: FieldExpectation.model_validate(chosen),
    st.fixed_dictionaries(
        {"path": PATHS},
        optional={
            "value": JSON,
            "field_type": st.sampled_from(FieldType),
            "pattern": st.sampled_from(["a", ".", "(", "\\d+$", "\ud800", "(?i)x"]) | st.text(max_size=5),
            "contains": JSON,
            "min": st.floats(allow_nan=False, allow_infinity=False),
            "max": st.floats(allow_nan=False, allow_infinity=False),
            "min_length": st.integers(0, 5),
            "max_length": st.integers(0, 5),
            "array_length": st.integers(0, 5),
            "not_value": JSON,
            "one_of": st.lists(JSON, min_size=1, max_size=3),
            "exists": st.booleans(),
            "not_null": st.booleans(),
            "flags": st.text("imsx", max_size=3),
            "contains_all": st.lists(JSON, min_size=1, max_size=3),
            "starts_with": st.text(max_size=3),
            "ends_with": st.text(max_size=3),
            "greater_than": st.floats(allow_nan=False, allow_infinity=False),
            "decimal_places": st.integers(0, 5),
            "keys": st.lists(st.text(max_size=3), max_size=3),
            "strict_keys": st.booleans(),
            "each": st.booleans(),
            "case_sensitive": st.booleans(),
            "severity": st.sampled_from(Severity),
            "required": st.booleans(),
        },
    ),
)
RESULTS = st.fixed_dictionaries(
    {},
    optional={
        "content": JSON | st.lists(JSON),
        "isError": st.booleans() | JSON,
        "structuredContent": JSON,
        "error": JSON,
    },
)
ANSWERS = st.builds(lambda result: Answer(result=result), RESULTS) | st.builds(
    lambda code, message, data: Answer(error=RpcError(code, message, data)), st.integers(), st.text(), JSON
)
EXPECTATIONS = st.builds(
    Expected,
    error=st.booleans(),
    error_code=st.none() | st.integers(),
    error_message_contains=st.none() | st.text(max_size=3),
    fields=st.lists(FIELDS, max_size=4).map(tuple),
    subject=st.sampled_from(Subject),
    json_schema=st.booleans() | st.dictionaries(st.sampled_from(("type", "properties", "anyOf", "$ref", "x")), JSON),
    check_output_schema=st.booleans(),
    snapshot=st.booleans(),
    redactions=st.lists(st.builds(Redaction, path=PATHS) | st.builds(Redaction, pattern=st.just("a*"))).map(tuple),
    security_constraints=st.lists(st.builds(SecurityConstraint), max_size=4).map(tuple),
    ignore_order=st.booleans(),
    case_sensitive=st.booleans(),
    normalize_whitespace=st.booleans(),
    trim_strings=st.booleans(),
    convert_types=st.booleans(),
    allow_extra_fields=st.booleans(),
    strict_mode=st.booleans(),
)
INPUTS = st.builds(JudgeInputs, output_schema=JSON, snapshot=st.none() | st.text(), sandbox=st.just("/s"))


@settings(deadline=None)
@given(EXPECTATIONS, ANSWERS, INPUTS)
def test_whatever_a_server_answers_the_verdict_is_short_and_printable(
    expected: Expected, answer: Answer, inputs: JudgeInputs
) -> None:
    judgement = judge(expected, answer, inputs)

    for failure in (*judgement.failures, *judgement.warnings):
        for text in (failure.expected, failure.actual, failure.path, *failure.diff.split("\n")):
            assert len(text) <= 390
            assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in text)
            text.encode()
        assert len(failure.diff) < 10_000
    (judgement.new_snapshot or "").encode()


@settings(deadline=None)
@given(JSON)
def test_a_value_equals_itself_unless_it_holds_nan(value: Any) -> None:
    answer = Answer(result={"structuredContent": value})
    failures = failing(expecting({"path": "$.structuredContent", "value": value}), answer)
    assert bool(failures) == ("nan" in repr_of_floats(value))


def repr_of_floats(value: Any) -> str:
    if isinstance(value, float):
        return str(value)
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return " ".join(repr_of_floats(member) for member in members)
