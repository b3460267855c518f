"""What a test, and a step, asks of a server."""

import pytest

from harness.models.expected import Expected, FieldExpectation
from harness.models.job import PlannedCall
from harness.models.method import Method
from harness.models.suite import MethodTests, ResourceTests, Step, TestCase
from harness.suites.calls import own_call, planned_calls, steps_of
from harness.suites.listing import ListedTest

URI = "x://a b/1"


@pytest.mark.parametrize(
    ("template", "given", "method", "name", "params"),
    [
        ("x://{id}", {"uri": URI}, Method.READ_RESOURCE, URI, {}),
        ("x://{id}", {"id": 5}, Method.READ_RESOURCE, "x://5", {}),
        ("x://{id}", {"id": "a b/c"}, Method.READ_RESOURCE, "x://a%20b%2Fc", {}),
        ("x://{+path}", {"path": "a/b"}, Method.READ_RESOURCE, "x://a/b", {}),
        ("x://{id}", {"uri": URI, "subscribe": True, "min_updates": 2}, Method.SUBSCRIBE, URI, {"min_updates": 2}),
        ("x://{id}", {"uri": URI, "subscribe": False}, Method.READ_RESOURCE, URI, {}),
        ("x://{id}", {"cursor": None}, Method.LIST_RESOURCES, "", {"cursor": None}),
        ("x://{id}", {"cursor": "p2"}, Method.LIST_RESOURCES, "", {"cursor": "p2"}),
        ("x://{id}", {}, Method.LIST_RESOURCES, "", {}),
        ("x://{id}", {"other": 5}, Method.READ_RESOURCE, "x://", {}),
        ("x://{a}/{b}", {"a": 1}, Method.READ_RESOURCE, "x://1/", {}),
        ("x://fixed", {}, Method.READ_RESOURCE, "x://fixed", {}),
        ("x://fixed", {"other": 5}, Method.READ_RESOURCE, "x://fixed", {}),
        ("x://fixed", {"subscribe": True}, Method.SUBSCRIBE, "x://fixed", {}),
        ("x://fixed", {"cursor": "p2"}, Method.LIST_RESOURCES, "", {"cursor": "p2"}),
    ],
)
def test_a_test_of_a_resource_reads_subscribes_or_lists_by_its_input(
    template: str, given: dict, method: Method, name: str, params: dict
) -> None:
    test = TestCase(name="t", input=given)
    owner = ResourceTests(uri_template=template, name="r", tests=(test,))

    assert own_call(ListedTest(("resources", 0, "tests", 0), owner, test)) == PlannedCall(
        method=method, name=name, input=params
    )


@pytest.mark.parametrize(
    ("method", "params", "name", "given"),
    [
        (Method.CALL_TOOL, {"name": "t", "arguments": {"a": 1}}, "t", {"a": 1}),
        (Method.GET_PROMPT, {"name": "p"}, "p", {}),
        (Method.GET_PROMPT, {"arguments": {"a": "1"}}, "", {"arguments": {"a": "1"}}),
        (Method.COMPLETE, {"name": "x", "arguments": {}}, "", {"name": "x", "arguments": {}}),
    ],
)
def test_the_params_of_a_method_name_the_tool_or_prompt(method: Method, params: dict, name: str, given: dict) -> None:
    test = TestCase(name="t", input=params)
    asked = PlannedCall(method=method, name=name, input=given)

    assert own_call(ListedTest(("methods", 0, "tests", 0), MethodTests(name=method), test)) == asked
    [step] = planned_calls("step", (Step(method=method, input=params),))
    assert step == asked.model_copy(update={"label": "step 1"})


def test_the_declared_type_of_a_resource_is_expected_of_every_content_that_is_read() -> None:
    said = FieldExpectation(path="$.contents[0].text", contains="x")
    declared = FieldExpectation(path="$.contents[*].mimeType", value="text/plain", each=True)

    def expected_of(given: dict, expected: Expected) -> Expected:
        test = TestCase(name="t", input=given, expected=expected)
        owner = ResourceTests(uri_template="x://{id}", name="r", mime_type="text/plain", tests=(test,))
        call = own_call(ListedTest(("resources", 0, "tests", 0), owner, test))
        assert call is not None
        return call.expected

    assert expected_of({"id": 1}, Expected(fields=(said,))) == Expected(fields=(said, declared))
    assert expected_of({}, Expected()) == Expected()
    assert expected_of({"id": 1}, Expected(error=True)) == Expected(error=True)


def test_steps_are_labelled_and_a_tests_own_request_comes_last() -> None:
    test = TestCase(
        name="t",
        steps=(
            Step(tool="login", name="log in", store_result_as="session"),
            Step(resource="x://1"),
            Step(prompt="p", input={"a": "1"}),
            Step(method=Method.PING),
        ),
    )
    own = PlannedCall(name="own")

    assert steps_of(test, own) == (
        PlannedCall(label="step 1 (log in)", name="login", store_as="session"),
        PlannedCall(label="step 2", method=Method.READ_RESOURCE, name="x://1"),
        PlannedCall(label="step 3", method=Method.GET_PROMPT, name="p", input={"a": "1"}),
        PlannedCall(label="step 4", method=Method.PING),
        own,
    )
    assert steps_of(TestCase(name="t"), own) == ()
    assert planned_calls("cleanup", (Step(tool="x"),)) == (PlannedCall(label="cleanup 1", name="x"),)
