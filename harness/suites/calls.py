"""What an author wrote of a test → the requests that it makes. Pure.

Owns how a test of a resource tells reading from listing and subscribing, and the names of steps in reports.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import JsonValue
from uritemplate import URITemplate

from harness.models.expected import Expected, FieldExpectation, Subject
from harness.models.job import PlannedCall, PlannedFixture
from harness.models.method import Method
from harness.models.suite import FixtureScope, MethodTests, PromptTests, ResourceTests, Step, Suite, TestCase, ToolTests
from harness.suites.listing import ListedTest, Owner

CURSOR, URI, SUBSCRIBE = "cursor", "uri", "subscribe"
OF_SUBSCRIPTION = ("min_updates", "wait_seconds")
NAMED = frozenset({Method.CALL_TOOL, Method.GET_PROMPT})
"""Requests whose params are a name and `arguments`."""
TYPES_OF_CONTENTS = "$.contents[*].mimeType"


def own_call(listed: ListedTest) -> PlannedCall | None:
    """The request that a test is about; None for a flow, which has steps alone."""
    if listed.owner is None:
        return None
    method, name, values = _request_of(listed.owner, listed.test.input)
    expected = _expected_of(listed.owner, method, listed.test.expected)
    return PlannedCall(method=method, name=name, input=dict(values), expected=expected)


def steps_of(test: TestCase, own: PlannedCall | None) -> tuple[PlannedCall, ...]:
    """The steps of a test and, last, its own request. Empty when that is all there is."""
    if not test.steps:
        return ()
    steps = planned_calls("step", test.steps)
    return steps if own is None else (*steps, own)


def planned_calls(word: str, steps: Iterable[Step]) -> tuple[PlannedCall, ...]:
    """Steps as requests, each with its label: `setup 1`, `step 2 (login)`."""
    return tuple(_planned(step, _label(word, number, step)) for number, step in enumerate(steps, 1))


def planned_fixtures(suite: Suite) -> tuple[PlannedFixture, ...]:
    """What sessions can be prepared with."""
    return tuple(
        PlannedFixture(
            name=fixture.name,
            setup=planned_calls(f"fixture {fixture.name}, setup", fixture.setup),
            cleanup=planned_calls(f"fixture {fixture.name}, cleanup", fixture.cleanup),
        )
        for fixture in suite.fixtures
        if fixture.scope is FixtureScope.SESSION
    )


def subjects_of(step: Step) -> tuple[str, ...]:
    """The keys by which a step says what it asks for; there must be one."""
    return tuple(key for key in ("tool", "resource", "prompt", "method") if getattr(step, key) is not None)


def _expected_of(owner: Owner, method: Method, expected: Expected) -> Expected:
    """What the author expects, and of contents that are read the type that the resource is said to have."""
    if not isinstance(owner, ResourceTests) or owner.mime_type is None:
        return expected
    if method is not Method.READ_RESOURCE or expected.error or expected.subject is Subject.CONTENT:
        return expected
    declared = FieldExpectation(path=TYPES_OF_CONTENTS, value=owner.mime_type, each=True)
    return expected.model_copy(update={"fields": (*expected.fields, declared)})


def _request_of(owner: Owner, values: Mapping[str, JsonValue]) -> tuple[Method, str, Mapping[str, JsonValue]]:
    match owner:
        case ToolTests(name=name):
            return Method.CALL_TOOL, name, values
        case PromptTests(name=name):
            return Method.GET_PROMPT, name, values
        case MethodTests(name=method):
            return method, *_named(method, values)
        case ResourceTests():
            return _resource_request(owner.uri_template, values)


def _resource_request(template: str, values: Mapping[str, JsonValue]) -> tuple[Method, str, Mapping[str, JsonValue]]:
    uri = _uri_of(template, values)
    if uri is None:
        return Method.LIST_RESOURCES, "", values
    if values.get(SUBSCRIBE) is True:
        return Method.SUBSCRIBE, uri, {key: value for key, value in values.items() if key not in (SUBSCRIBE, URI)}
    return Method.READ_RESOURCE, uri, {}


def _uri_of(template: str, values: Mapping[str, JsonValue]) -> str | None:
    """The URI that the input gives, or makes of the template; None when the input asks for the list.

    A variable without a value is left out of the URI (RFC 6570, 3.2.1).
    """
    uri = values.get(URI)
    if isinstance(uri, str):
        return uri
    variables = variables_of(template)
    given: dict[str, Any] = {
        name: str(values[name]) for name in variables if isinstance(values.get(name), str | int | float)
    }
    is_list = set(values) <= {CURSOR} if variables else CURSOR in values
    return None if is_list else str(URITemplate(template).expand(given))


def variables_of(template: str) -> tuple[str, ...]:
    """The names of the variables of a URI template."""
    return tuple(URITemplate(template).variable_names)


def _named(method: Method, params: Mapping[str, JsonValue]) -> tuple[str, Mapping[str, JsonValue]]:
    """The name and arguments that stand in the params of a request that has both; of any other its params."""
    name, arguments = params.get("name"), params.get("arguments", {})
    if method in NAMED and isinstance(name, str) and isinstance(arguments, dict):
        return name, arguments
    return "", params


def _planned(step: Step, label: str) -> PlannedCall:
    method = step.method or Method.CALL_TOOL
    if step.resource is not None:
        method = Method.READ_RESOURCE
    elif step.prompt is not None:
        method = Method.GET_PROMPT
    name = step.tool or step.resource or step.prompt or ""
    named, values = ("", step.input) if step.method is None else _named(step.method, step.input)
    return PlannedCall(
        label=label,
        method=method,
        name=name or named,
        input=dict(values),
        expected=step.expected,
        store_as=step.store_result_as or "",
    )


def _label(word: str, number: int, step: Step) -> str:
    return f"{word} {number} ({step.name})" if step.name else f"{word} {number}"
