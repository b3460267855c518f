"""Which tests are tried for what a server offers."""

from typing import Any

import pytest

from harness.discovery.candidates import Candidate, Subject, candidates_of, is_destructive
from harness.discovery.offer import Offer, OfferedArgument, OfferedPrompt, OfferedResource, OfferedTemplate, OfferedTool


def offer(**members: Any) -> Offer:
    return Offer(server_name="s", protocol_version="2025-11-25", **members)


def test_a_tool_is_called_rightly_without_each_required_argument_and_with_a_wrong_type() -> None:
    schema: Any = {"properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"]}
    tool = OfferedTool(name="add", input_schema=schema)
    assert list(candidates_of(offer(tools=(tool,)))) == [
        Candidate(Subject.TOOL, "add", "answers", ({"a": 1}, {"a": 1, "b": "example"})),
        Candidate(Subject.TOOL, "add", "without a", ({},), refused=True),
        Candidate(Subject.TOOL, "add", "a of another type", ({"a": {"not": "integer"}},), refused=True),
    ]


def test_a_tool_whose_arguments_cannot_be_made_says_so() -> None:
    schema: Any = {"properties": {"a": {"type": "string", "pattern": "^a"}}, "required": ["a"]}
    first, *_ = candidates_of(offer(tools=(OfferedTool(name="t", input_schema=schema),)))
    assert (first.inputs, first.trouble) == ((), "'a' must match a pattern")


def test_resources_templates_and_prompts_are_read_and_got() -> None:
    prompt = OfferedPrompt(name="p", arguments=(OfferedArgument(name="city", required=True),))
    made = candidates_of(
        offer(
            resources=(OfferedResource(uri="demo://${x}", name="r"),),
            templates=(OfferedTemplate(uri_template="demo://{id}", name="t"),),
            prompts=(prompt,),
        )
    )
    assert list(made) == [
        Candidate(Subject.RESOURCE, "r", "read demo://${x}", ({"uri": "demo://$${x}"},), uri="demo://$${x}"),
        Candidate(Subject.RESOURCE, "t", "read one", ({"id": "1"},), uri="demo://{id}"),
        Candidate(Subject.PROMPT, "p", "answers", ({"city": "example"},)),
        Candidate(Subject.PROMPT, "p", "without city", ({},), refused=True),
    ]


@pytest.mark.parametrize(
    ("name", "annotations", "destructive"),
    [
        ("read", {"readOnlyHint": True, "destructiveHint": True}, False),
        ("add", {"readOnlyHint": False, "destructiveHint": False}, True),
        ("add", {"destructiveHint": True}, True),
        ("delete", {"destructiveHint": False}, False),
        ("delete_all", {}, True),
        ("send-mail", {"readOnlyHint": "no"}, True),
        ("list", {}, False),
    ],
)
def test_a_tool_may_change_things_by_its_hints_or_else_by_its_name(
    name: str, annotations: Any, destructive: bool
) -> None:
    assert is_destructive(OfferedTool(name=name, annotations=annotations)) is destructive


@pytest.mark.parametrize("name", ["a" * 201, "${HOME}", "a\nb"])
def test_what_a_suite_cannot_name_is_left_out(name: str) -> None:
    assert list(candidates_of(offer(tools=(OfferedTool(name=name),), prompts=(OfferedPrompt(name=name),)))) == []


def test_what_is_listed_twice_is_tested_once() -> None:
    made = candidates_of(offer(tools=(OfferedTool(name="t"), OfferedTool(name="t"))))
    assert [candidate.name for candidate in made] == ["answers"]
