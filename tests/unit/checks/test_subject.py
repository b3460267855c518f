"""What paths look at."""

from typing import Any

import pytest

from harness.checks.answer import Answer, RpcError
from harness.checks.budget import Budget
from harness.checks.subject import content, document, documents
from harness.models.expected import Subject


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(result={"content": []}), {"isError": False, "content": []}),
        (Answer(result={"isError": True}), {"isError": True, "error": {"message": ""}}),
        (
            Answer(
                result={
                    "content": [
                        {"type": "text", "text": "a"},
                        {"type": "image", "text": "never"},
                        {"type": "text", "text": 5},
                        "no block",
                        {"type": "text", "text": "b"},
                    ],
                    "isError": True,
                }
            ),
            "a\nb",
        ),
        (
            Answer(result={"isError": True, "content": 7, "error": {"code": 4}}),
            {"isError": True, "content": 7, "error": {"message": "", "code": 4}},
        ),
        (Answer(result={"isError": True, "error": "x"}), {"isError": True, "error": "x"}),
        (Answer(error=RpcError(-1, "m")), {"error": {"code": -1, "message": "m"}}),
        (Answer(error=RpcError(-1, "m", [0])), {"error": {"code": -1, "message": "m", "data": [0]}}),
    ],
)
def test_an_answer_becomes_one_document(answer: Answer, expected: Any) -> None:
    found = document(answer)
    assert (found["error"]["message"] if isinstance(expected, str) else found) == expected


def test_the_document_does_not_change_the_answer() -> None:
    result: dict[str, Any] = {"isError": True, "error": {}}
    document(Answer(result=result))
    assert result == {"isError": True, "error": {}}


def test_an_answer_is_a_result_or_an_error() -> None:
    for bad in ({}, {"result": {}, "error": RpcError(1, "")}):
        with pytest.raises(ValueError, match="one of them"):
            Answer(**bad)


def texts(*values: Any) -> Answer:
    return Answer(result={"content": [{"type": "text", "text": value} for value in values]})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(result={"structuredContent": {"a": 1}, "content": [{"type": "text", "text": "b"}]}), {"a": 1}),
        (texts('{"a": [1]}'), {"a": [1]}),
        (texts(" \n[1, 2]"), [1, 2]),
        (texts("42"), "42"),
        (texts("true"), "true"),
        (texts("{a"), "{a"),
        (texts("[NaN]"), "[NaN]"),
        (texts('{"a": 1}', "b"), '{"a": 1}\nb'),
        (texts(7), {"isError": False, "content": [{"type": "text", "text": 7}]}),
        (Answer(result={"contents": [{"uri": "x", "text": '{"a": 1}'}]}), {"a": 1}),
        (Answer(result={"tools": []}), {"isError": False, "tools": []}),
        (Answer(error=RpcError(-1, "m")), {"error": {"code": -1, "message": "m"}}),
    ],
)
def test_the_content_of_an_answer_is_what_it_carries(answer: Answer, expected: Any) -> None:
    assert content(answer, Budget()) == expected


def test_the_subject_says_where_paths_look_and_in_which_order() -> None:
    answer = texts('{"a": 1}')

    assert documents(Subject.RESULT, answer, Budget()) == (document(answer),)
    assert documents(Subject.CONTENT, answer, Budget()) == ({"a": 1},)
    assert documents(Subject.AUTO, answer, Budget()) == (document(answer), {"a": 1})
