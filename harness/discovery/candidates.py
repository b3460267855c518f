"""Which calls are worth a test: of each tool, resource and prompt what should work and what be refused. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue
from uritemplate import URITemplate

from harness.discovery.arguments import (
    SAMPLE,
    SANDBOX,
    NoExample,
    escaped,
    example_of,
    names_a_file,
    properties_of,
    required_of,
    types_of,
)
from harness.discovery.offer import Offer, OfferedPrompt, OfferedResource, OfferedTemplate, OfferedTool
from harness.models.method import Method

MAX_NAME, MAX_OWNER, MAX_MISSING, MAX_RESOURCES = 150, 200, 3, 20
DESTRUCTIVE_WORDS = frozenset({"delete", "remove", "drop", "destroy", "purge", "wipe", "kill", "reset", "send", "pay"})


class Subject(StrEnum):
    """Under which key of a suite a test stands."""

    TOOL = "tools"
    RESOURCE = "resources"
    PROMPT = "prompts"


@dataclass(frozen=True)
class Candidate:
    """One test that may be written. `inputs` are tried in order: the first one that does what is wanted is written.

    Texts in them are as a suite has them. `refused`: an error must come back.
    """

    subject: Subject
    owner: str
    name: str
    inputs: tuple[Mapping[str, JsonValue], ...]
    refused: bool = False
    uri: str = ""
    is_destructive: bool = False
    trouble: str = ""
    """Why there is no input at all."""

    @property
    def method(self) -> Method:
        """What it asks for."""
        if self.subject is Subject.TOOL:
            return Method.CALL_TOOL
        return Method.GET_PROMPT if self.subject is Subject.PROMPT else Method.READ_RESOURCE


def candidates_of(offer: Offer, *, with_sample: bool = False) -> Iterator[Candidate]:
    """All tests that may be written for a server. `with_sample`: a file `sample.txt` is in the sandbox."""
    for tool in {tool.name: tool for tool in offer.tools if _can_be_named(tool.name)}.values():
        yield from _of_tool(tool, with_sample)
    for resource in offer.resources[:MAX_RESOURCES]:
        yield _of_resource(resource)
    for template in offer.templates:
        yield _of_template(template)
    for prompt in {prompt.name: prompt for prompt in offer.prompts if _can_be_named(prompt.name)}.values():
        yield from _of_prompt(prompt)


def is_destructive(tool: OfferedTool) -> bool:
    """Whether a call may change or send something: by the server's own hints, or where it gives none by its name."""
    read_only, destructive = tool.annotations.get("readOnlyHint"), tool.annotations.get("destructiveHint")
    if isinstance(read_only, bool):
        return not read_only
    if isinstance(destructive, bool):
        return destructive
    first = tool.name.replace("-", "_").replace(".", "_").partition("_")[0].lower()
    return first in DESTRUCTIVE_WORDS


def _can_be_named(name: str) -> bool:
    """Whether a suite can hold the name as it is."""
    return len(name) <= MAX_OWNER and "${" not in name and name.isprintable()


def _of_tool(tool: OfferedTool, with_sample: bool) -> Iterator[Candidate]:
    destructive = is_destructive(tool)
    inputs, trouble = _good_inputs(tool, with_sample)
    yield Candidate(
        Subject.TOOL, tool.name, "answers", inputs, is_destructive=destructive, trouble=trouble if not inputs else ""
    )
    for name, wrong in _wrong_inputs(tool, inputs[0] if inputs else {}):
        yield Candidate(Subject.TOOL, tool.name, name, (wrong,), refused=True, is_destructive=destructive)


def _good_inputs(tool: OfferedTool, with_sample: bool) -> tuple[tuple[Mapping[str, JsonValue], ...], str]:
    paths = (SAMPLE, SANDBOX) if with_sample and names_a_file(tool.input_schema) else (SANDBOX,)
    inputs: list[Mapping[str, JsonValue]] = []
    trouble = ""
    for every in (False, True):
        for path in paths:
            try:
                made = example_of(tool.input_schema or {"type": "object"}, path=path, every=every)
            except NoExample as problem:
                trouble = str(problem)
                continue
            inputs += [made] if made not in inputs else []
    return tuple(inputs), trouble


def _wrong_inputs(tool: OfferedTool, good: Mapping[str, JsonValue]) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    """The obvious mistakes: a required argument that is missing, one of another type."""
    for name in required_of(tool.input_schema)[:MAX_MISSING]:
        yield _called(f"without {name}"), {key: value for key, value in good.items() if key != name}
    for name, schema in properties_of(tool.input_schema).items():
        kinds = types_of(schema)
        if kinds and not {"object", "null"} & set(kinds):
            wrong: JsonValue = {"not": kinds[0]}
            yield _called(f"{name} of another type"), {**good, name: wrong}
            return


def _of_resource(resource: OfferedResource) -> Candidate:
    uri = escaped(resource.uri)
    assert isinstance(uri, str)
    name = _called(f"read {resource.uri}")
    return Candidate(Subject.RESOURCE, _owner(resource.name or resource.uri), name, ({"uri": uri},), uri=uri)


def _of_template(template: OfferedTemplate) -> Candidate:
    """A template's variables are guessed as 1: servers that number what they have answer to it."""
    uri = escaped(template.uri_template)
    assert isinstance(uri, str)
    values = dict.fromkeys(sorted(URITemplate(template.uri_template).variable_names), "1")
    return Candidate(Subject.RESOURCE, _owner(template.name or uri), _called("read one"), (values,), uri=uri)


def _of_prompt(prompt: OfferedPrompt) -> Iterator[Candidate]:
    schema: JsonValue = {
        "type": "object",
        "properties": {argument.name: {"type": "string"} for argument in prompt.arguments},
        "required": [argument.name for argument in prompt.arguments if argument.required],
    }
    inputs = tuple({**example_of(schema, every=every)} for every in (False, True))
    yield Candidate(Subject.PROMPT, prompt.name, "answers", inputs[: 1 + (inputs[1] != inputs[0])])
    required = [argument.name for argument in prompt.arguments if argument.required]
    for name in required[:MAX_MISSING]:
        wrong = {key: value for key, value in inputs[0].items() if key != name}
        yield Candidate(Subject.PROMPT, prompt.name, _called(f"without {name}"), (wrong,), refused=True)


def _owner(name: str) -> str:
    return name[:MAX_OWNER]


def _called(name: str) -> str:
    return name[:MAX_NAME]
