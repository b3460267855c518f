"""What may be expected of two answers to the same call."""

from pathlib import Path
from typing import Any

import pytest

from harness.checks.answer import Answer, RpcError
from harness.discovery.candidates import Candidate, Subject
from harness.discovery.trial import call_of, expectation
from harness.mcp.sandbox import Sandbox
from harness.models.expected import Expected, FieldExpectation
from harness.models.job import PlannedCall
from harness.models.method import Method

SANDBOXES = [Sandbox(Path("/box/one")), Sandbox(Path("/box/two"))]
TOOL = Candidate(Subject.TOOL, "t", "answers", ({},))
REFUSED = Candidate(Subject.TOOL, "t", "without a", ({},), refused=True)


def text(*texts: str, **members: Any) -> list[Answer]:
    """One answer for each text."""
    return [Answer(result={"content": [{"type": "text", "text": said}], **members}) for said in texts]


def of(candidate: Candidate, answers: list[Answer]) -> tuple[Expected | None, str]:
    return expectation(candidate, answers, SANDBOXES)


def fields(*members: dict[str, Any]) -> Expected:
    return Expected(fields=tuple(FieldExpectation(**member) for member in members))


KIND = {"path": "$.content[0].type", "value": "text"}
SOME = {"path": "$.content[0].text", "field_type": "string", "min_length": 1}


@pytest.mark.parametrize(
    ("texts", "second"),
    [
        (("hello", "hello"), {"path": "$.content[0].text", "value": "hello"}),
        (("in /box/one/sandbox", "in /box/two/sandbox"), {"path": "$.content[0].text", "value": "in ${sandbox}"}),
        (("${x}", "${x}"), {"path": "$.content[0].text", "value": "$${x}"}),
        (("1", "2"), SOME),
        (("x" * 121, "x" * 121), SOME),
        (("at 2026-11-25", "at 2026-11-25"), SOME),
        (("at 12:30", "at 12:30"), SOME),
        (("a\x1b", "a\x1b"), SOME),
    ],
)
def test_a_text_is_expected_as_it_is_only_where_it_can_stay_so(texts: tuple[str, str], second: dict[str, Any]) -> None:
    assert of(TOOL, text(*texts)) == (fields(KIND, second), "")


def test_structured_content_is_expected_by_type() -> None:
    answers = text("a", "a", structuredContent={"n": 1, "s": "x", "nothing": None, "odd name": 1})
    expected, _ = of(TOOL, answers)
    assert expected is not None
    assert expected.fields[2:] == (
        FieldExpectation(path="$.structuredContent.n", field_type="number"),
        FieldExpectation(path="$.structuredContent.s", field_type="string"),
    )


def test_a_refusal_is_expected_with_its_code_where_it_has_one() -> None:
    refusals = [Answer(error=RpcError(-32602, "no", None))] * 2
    assert of(REFUSED, refusals) == (Expected(error=True, error_code=-32602), "")
    assert of(REFUSED, text("no", "no", isError=True)) == (Expected(error=True), "")


def test_what_does_not_do_what_is_wanted_says_why() -> None:
    bad = text("in /box/one/sandbox: no", "no", isError=True)
    assert of(TOOL, bad) == (None, "the server answered with an error: in ${sandbox}: no")
    assert of(REFUSED, text("fine", "fine")) == (None, "the server accepts it")
    assert of(TOOL, [text("fine")[0], bad[1]]) == (None, "its answer changes from call to call")


def test_an_answer_without_anything_to_hold_on_to_is_expected_to_be_no_error() -> None:
    assert of(TOOL, [Answer(result={"content": []})] * 2) == (Expected(), "")


def test_a_call_is_what_a_run_would_make_of_it() -> None:
    box = SANDBOXES[0]
    assert call_of(TOOL, {"path": "${sandbox}/a", "x": "$${y}"}, box) == PlannedCall(
        method=Method.CALL_TOOL, name="t", input={"path": "/box/one/sandbox/a", "x": "${y}"}
    )
    template = Candidate(Subject.RESOURCE, "r", "read one", ({"id": "1"},), uri="demo://{id}")
    assert call_of(template, {"id": "1"}, box) == PlannedCall(method=Method.READ_RESOURCE, name="demo://1")
    assert call_of(template, {"uri": "demo://x"}, box) == PlannedCall(method=Method.READ_RESOURCE, name="demo://x")
